import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §6.3, the core's share.
@Suite struct BlockTests {
    private func world(_ adjust: (inout CoreRules) -> Void = { _ in }) -> World {
        var rules = CoreRules()
        adjust(&rules)
        let world = World(rules)
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob", "carol"])
        for (index, uid) in ["alice", "bob", "carol"].enumerated() { world.connect(uid, UInt64(index + 1)) }
        world.forget()
        return world
    }

    @discardableResult
    private func block(_ world: World, _ uid: String, _ others: String..., exists: Bool = true) -> [ErrorCode?] {
        let operation: Operation = exists ? .block(others.map(u)) : .unblock(others.map(u))
        guard case .blocks(let results)? = world.ask(operation, as: .backend(onBehalfOf: u(uid))) else { return [] }
        return results.map { $0.failure?.code }
    }

    private func pairs(_ world: World) -> [String] {
        world.decisions.flatMap(\.projections).compactMap { projection in
            guard case .blocked(let one, let other, let isBlocked) = projection else { return nil }
            return "\(one)-\(other) \(isBlocked)"
        }
    }

    /// Who blocked, who acts on whom, and what comes of it.
    static let refusals: [(blockers: [String], from: String, to: String, code: ErrorCode?)] = [
        ([], "alice", "bob", nil),
        (["alice"], "alice", "bob", .blockedReceiver), (["alice"], "bob", "alice", .blockedSender),
        (["bob"], "alice", "bob", .blockedSender), (["bob"], "bob", "alice", .blockedReceiver),
        (["alice", "bob"], "alice", "bob", .blockedReceiver), (["alice", "bob"], "bob", "alice", .blockedReceiver),
        (["alice", "bob"], "alice", "carol", nil), (["alice", "bob"], "carol", "bob", nil),
    ]

    @Test(arguments: refusals)
    func oneToOneIsRefusedByWhoBlocked(
        _ rule: (blockers: [String], from: String, to: String, code: ErrorCode?)
    ) {
        let world = world()
        for blocker in rule.blockers { block(world, blocker, blocker == "alice" ? "bob" : "alice") }
        let data = JSONBytes(validated: Array("{}".utf8))
        let caller = Caller.connection(c(rule.from == "alice" ? 1 : rule.from == "bob" ? 2 : 3))
        for sender in [caller, .backend(onBehalfOf: u(rule.from))] {
            #expect(world.failure(.send(world.draft(to: user(rule.to))), as: sender) == rule.code)
        }
        #expect(world.failure(.transient(receiver: user(rule.to), data: data), as: caller) == rule.code)
        world.forget()
        world.ask(.typing(receiver: user(rule.to), started: true, metadata: nil), as: caller)
        #expect(world.heard == (rule.code == nil ? ["started \(rule.from)->\(rule.to)"] : []))
        // In shared groups everything goes on.
        #expect(world.failure(.send(world.draft(to: group("g"))), as: caller) == nil)
        #expect(world.failure(.transient(receiver: group("g"), data: data), as: caller) == nil)
    }

    @Test func codesAre403() {
        #expect(ErrorCode.blockedReceiver.httpStatus == 403 && ErrorCode.blockedSender.httpStatus == 403)
        #expect(ErrorCode.cannotBlockSelf.httpStatus == 400)
    }

    @Test func oneselfAndStrangersAreRefusedOneByOne() {
        let world = world()
        #expect(block(world, "alice", "bob", "ghost", "alice", "bob") == [nil, .uidNotFound, .cannotBlockSelf, nil])
        #expect(world.store.blocks[u("alice")] == [u("bob")])
        #expect(world.decisions.last?.changes.count == 1)
        #expect(world.failure(.block([u("alice")]), as: .backend(onBehalfOf: u("alice"))) == .cannotBlockSelf)
        #expect(world.failure(.block([u("bob")])) == .badRequest, "the system blocks nobody")
        #expect(world.failure(.block([u("bob")]), as: .authKey) == .noAccess)
        #expect(block(world, "alice", "carol", "alice", exists: false) == [nil, nil])
        #expect(world.store.blocks[u("alice")] == [u("bob")])
    }

    @Test func theShardsAreToldOfAPairOnceForBothSides() {
        let world = world()
        block(world, "alice", "bob")
        block(world, "bob", "alice")
        block(world, "alice", "bob", exists: false)
        #expect(pairs(world) == ["alice-bob true"])
        #expect(world.failure(.send(world.draft(to: user("bob"))), as: .connection(c(1))) == .blockedSender)
        block(world, "bob", "alice", exists: false)
        #expect(pairs(world) == ["alice-bob true", "bob-alice false"])
        #expect(world.failure(.send(world.draft(to: user("bob"))), as: .connection(c(1))) == nil)
    }

    @Test func aConnectionBeginsWithAllItHearsNothingOf() {
        let world = world()
        block(world, "alice", "bob")
        block(world, "carol", "alice")
        #expect(Set(world.connect("alice", 11)?.snapshot?.blocked ?? []) == [u("bob"), u("carol")])
        #expect(world.connect("bob", 12)?.snapshot?.blocked == [u("alice")])
        #expect(world.connect("carol", 13)?.snapshot?.blocked == [u("alice")])
    }

    @Test func aUserBlocksAtMostSoMany() {
        let world = world { $0.blockedPerUser = 1 }
        #expect(block(world, "alice", "bob", "carol") == [nil, .badRequest])
        #expect(block(world, "bob", "alice") == [nil], "being blocked counts for nothing")
        block(world, "alice", "bob", exists: false)
        #expect(block(world, "alice", "carol") == [nil])
    }

    @Test func aFailedCommitTakesTheBlockBack() {
        let world = world()
        world.commits = false
        world.post(.block([u("bob")]), as: .backend(onBehalfOf: u("alice")))
        world.fail()
        world.commits = true
        #expect(world.failure(.send(world.draft(to: user("bob"))), as: .connection(c(1))) == nil)
        block(world, "alice", "bob")
        #expect(world.failure(.send(world.draft(to: user("bob"))), as: .connection(c(1))) == .blockedReceiver)
    }

    @Test func blocksSurviveTheCache() {
        let world = world { $0.cacheBytesMax = 0 }
        block(world, "alice", "bob")
        #expect(world.failure(.send(world.draft(to: user("bob"))), as: .connection(c(1))) == .blockedReceiver)
        #expect(world.failure(.send(world.draft(to: user("alice"))), as: .connection(c(2))) == .blockedSender)
        block(world, "alice", "bob", exists: false)
        #expect(world.failure(.send(world.draft(to: user("alice"))), as: .connection(c(2))) == nil)
    }

    @Test(arguments: ["alice", "bob"]) func aDeletedUserIsInNoBlock(gone: String) {
        let world = world()
        block(world, "alice", "bob")
        world.ask(.deleteUser(u(gone), permanent: true))
        #expect(
            world.decisions.flatMap(\.projections).contains {
                if case .userForgotten(let uid) = $0 { uid == u(gone) } else { false }
            })
        var fields = UserFields()
        fields.name = gone
        world.ask(.createUser(u(gone), fields, withToken: nil))
        for (from, to) in [("alice", "bob"), ("bob", "alice")] {
            let failure = world.failure(.send(world.draft(to: user(to))), as: .backend(onBehalfOf: u(from)))
            #expect(failure == nil, "\(from) to \(to)")
        }
    }

    @Test func typingThatIsSeenEndsWhenTheBlockBegins() {
        let world = world()
        world.typing(1, user("bob"), true)
        world.typing(1, group("g"), true)
        world.typing(2, group("g"), true)
        world.typing(1, user("carol"), true)
        world.forget()
        block(world, "bob", "alice")
        let told = zip(world.heard, world.events).map { "\($0)\($1.soleReceiver.map { " only \($0)" } ?? "")" }
        #expect(
            told.sorted() == [
                "ended alice->bob", "ended alice->group g only bob", "ended bob->group g only alice",
            ])
        world.forget()
        // The others still see it, and its end.
        world.typing(1, group("g"), false)
        world.typing(1, user("bob"), false)
        #expect(world.heard == ["ended alice->group g"])
        world.forget()
        block(world, "alice", "bob")
        #expect(world.heard == [], "the pair was blocked already")
    }
}
