import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Receipts of groups of more than `receiptMembersMax` members.
@Suite struct HeldReceiptTests {
    private static let readers = (1...320).map { "u\($0)" }

    /// alice and 320 others in group g; alice connected, and a message of hers.
    private func large(_ rules: CoreRules = CoreRules()) throws -> (World, message: Int64) {
        let world = World(rules)
        for uid in ["alice"] + Self.readers { world.user(uid) }
        world.group("g", ["alice"] + Self.readers)
        world.connect("alice", 1)
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        return (world, id)
    }

    private func read(_ world: World, _ uid: String, _ id: Int64, _ kind: ReceiptKind = .read) {
        let reply = world.ask(
            .receipt(kind, receiver: group("g"), messageID: id), as: .backend(onBehalfOf: u(uid)))
        #expect(reply?.isDone == true)
    }

    private var marks: Conversation { .group(g("g")) }

    @Test func theReceiptsOfATickMakeOneDecision() throws {
        let (world, id) = try large()
        for uid in Self.readers.prefix(15) { read(world, uid, id) }
        #expect(world.receipts.isEmpty)
        world.advance(seconds: 1)
        #expect(world.receipts == Self.readers.prefix(15).map { "read \(id) by \($0) to alice" })
        let durable = world.decisions.filter { !$0.changes.isEmpty }
        #expect(durable.count == 1)
        #expect(durable.first?.changes.count == 30)
        #expect(world.store.marks[marks]?.count == 30)
    }

    @Test func theAuthorGetsTwentyReadersASecondAndAll() throws {
        let (world, id) = try large()
        for uid in Self.readers { read(world, uid, id) }
        world.advance(seconds: 1)
        #expect(world.receipts.count { $0.hasPrefix("read \(id) by") } == 20)
        #expect(world.receipts.suffix(2) == ["deliveredToAll \(id) to alice", "readByAll \(id) to alice"])
        // Every mark is durable all the same.
        #expect(world.store.marks[marks]?.count == 2 * 320 + 2)
    }

    @Test func aReadersReceiptsOfATickAreMergedToTheHighest() throws {
        let (world, first) = try large()
        let second = try #require(world.send(1, to: group("g"))?.messageID)
        let third = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        read(world, "u1", first)
        read(world, "u1", third, .delivered)
        read(world, "u1", second)
        read(world, "u1", first)
        world.advance(seconds: 1)
        #expect(world.receipts == ["delivered \(third) by u1 to alice", "read \(second) by u1 to alice"])
        world.forget()
        read(world, "u1", second)
        world.advance(seconds: 1)
        #expect(world.receipts.isEmpty)
    }

    @Test func readingImpliesDeliveryAlsoWithinATick() throws {
        let (world, id) = try large()
        read(world, "u1", id, .delivered)
        read(world, "u1", id)
        world.advance(seconds: 1)
        #expect(world.receipts == ["read \(id) by u1 to alice"])
        #expect(world.store.marks[marks]?.count == 2)
    }

    @Test func pastTheAuthorsRateTheReadersOtherDevicesAreToldStill() throws {
        var rules = CoreRules()
        rules.receiptsPerSecond = 1
        let (world, id) = try large(rules)
        world.connect("u2", 2)
        world.connect("u2", 3)
        world.connect("u3", 4)
        world.forget()
        read(world, "u1", id)
        for connection: UInt64 in [2, 4] {
            world.ask(
                .receipt(.read, receiver: group("g"), messageID: id), as: .connection(c(connection)),
                from: .connection(c(connection), SessionID("s\(connection)")!))
        }
        world.advance(seconds: 1)
        let own = world.decisions.flatMap(\.projections).compactMap { projection -> String? in
            guard case .ownReceipt(let event, let origin) = projection else { return nil }
            return "\(event.reader?.record.uid.text ?? "") \(origin != nil)"
        }
        #expect(world.receipts == ["read \(id) by u1 to alice"])
        #expect(own == ["u2 true"])
    }

    @Test func whoLeftBeforeTheTickHasReadNothing() throws {
        let (world, id) = try large()
        read(world, "u1", id)
        world.ask(.leave(g("g")), as: .backend(onBehalfOf: u("u1")))
        world.forget()
        world.advance(seconds: 1)
        #expect(world.receipts.isEmpty)
        #expect(world.store.marks[marks] == nil)
    }

    @Test func aDeletedGroupsReceiptsAreDropped() throws {
        let (world, id) = try large()
        read(world, "u1", id)
        world.ask(.deleteGroup(g("g")))
        world.forget()
        world.advance(seconds: 1)
        world.advance(seconds: 1)
        #expect(world.receipts.isEmpty)
        #expect(world.core.nextDeadlineMs == nil)
    }

    @Test func theySurviveAnEvictedGroupAndAFailedCommit() throws {
        let (world, id) = try large()
        read(world, "u1", id)
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        world.core.apply(rules)
        world.advance(seconds: 0)
        world.fail()
        world.forget()
        world.advance(seconds: 1)
        #expect(world.receipts == ["read \(id) by u1 to alice"])
    }

    @Test func whileTheLogIsBehindTheyAreMergedInsteadOfQueued() throws {
        let (world, first) = try large()
        let second = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        world.commits = false
        read(world, "u1", first)
        world.advance(seconds: 1)
        #expect(world.receipts == ["read \(first) by u1 to alice"])
        for uid in Self.readers.prefix(10) { read(world, uid, second) }
        for _ in 0..<5 { world.advance(seconds: 1) }
        #expect(world.receipts.count == 1)
        world.commits = true
        world.pump()
        world.advance(seconds: 1)
        #expect(world.receipts.count == 11)
    }

    @Test func aDecisionMovesTheMarksOfAThousandReadersAtMost() throws {
        let uids = (1...2_500).map { "r\($0)" }
        let world = World()
        for uid in ["alice"] + uids { world.user(uid) }
        world.group("g", ["alice"] + uids)
        world.connect("alice", 1)
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        for uid in uids { read(world, uid, id) }
        for _ in 0..<3 { world.advance(seconds: 1) }
        let sizes = world.decisions.map { $0.changes.count }.filter { $0 > 1 }
        #expect(sizes == [2_000, 2_000, 1_000])
        #expect(world.receipts.suffix(2) == ["deliveredToAll \(id) to alice", "readByAll \(id) to alice"])
    }

    @Test func aGroupOfThreeHundredIsToldAtOnce() throws {
        let world = World()
        let uids = ["alice"] + Self.readers.prefix(299)
        for uid in uids { world.user(uid) }
        world.group("g", uids)
        let id = try #require(
            world.ask(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice")))?.messageID)
        world.forget()
        read(world, "u1", id)
        #expect(world.receipts == ["read \(id) by u1 to alice"])
    }
}
