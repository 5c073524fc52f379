import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Interactive messages (protocol.md §3.8, §6).
@Suite struct InteractionTests {
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol", "dave")
        world.group("g", ["carol", "alice", "bob"])
        return world
    }

    private func acting(_ uid: String) -> Caller { .backend(onBehalfOf: u(uid)) }

    private func sent(_ world: World, to receiver: Receiver = user("bob")) throws -> Int64 {
        var draft = world.draft(to: receiver)
        (draft.category, draft.type) = (.interactive, "form")
        let id = try #require(world.ask(.send(draft), as: acting("alice"))?.messageID)
        world.forget()
        return id
    }

    /// `bob: a+b` for each completion told, in order.
    private func told(_ world: World) -> [String] {
        world.decisions.flatMap(\.projections).compactMap { projection in
            guard case .completion(let event, _) = projection else { return nil }
            return "\(event.user.record.uid): " + event.interactions.map(\.elementID).joined(separator: "+")
        }
    }

    @Test(arguments: [
        (InteractionGoal.none, [["a"], ["b"]], [String]()),
        (.anyAction, [["x"], ["a"]], ["bob: x"]),
        (.anyOf(["a", "b"]), [["x"], ["b"], ["a"]], ["bob: x+b"]),
        (.allOf(["a", "b"]), [["a"], ["x"], ["a", "b"], ["c"]], ["bob: a+x+b"]),
        (.allOf(["a", "b"]), [["a"], ["a"]], []),
    ])
    func theAuthorIsToldOnceWhenTheGoalIsReached(
        _ goal: InteractionGoal, _ reports: [[String]], _ expected: [String]
    ) throws {
        let world = world()
        let id = try sent(world)
        let terms = InteractionTerms(goal: goal)
        for elements in reports { #expect(world.failure(.interact(id, elements, terms), as: acting("bob")) == nil) }
        #expect(told(world) == expected)
        let kept = world.store.engagements[id]?[u("bob")]?.interactions.map(\.elementID) ?? []
        #expect(Set(kept) == Set(reports.joined()) && kept.count == Set(kept).count)
    }

    @Test func eachUserReachesTheGoalOnTheirOwn() throws {
        let world = world()
        let id = try sent(world, to: group("g"))
        let terms = InteractionTerms(goal: .anyAction)
        for uid in ["bob", "carol", "bob"] { world.ask(.interact(id, ["e"], terms), as: acting(uid)) }
        #expect(told(world) == ["bob: e", "carol: e"])
    }

    @Test func theSendersOwnCountOnlyWhereTheMessageSaysSo() throws {
        let world = world()
        let id = try sent(world)
        let terms = InteractionTerms(goal: .anyAction)
        #expect(world.failure(.interact(id, ["e"], terms), as: acting("alice")) == .messageNoAccess)
        let allowed = InteractionTerms(goal: .anyAction, allowsSender: true)
        #expect(world.failure(.interact(id, ["e"], allowed), as: acting("alice")) == nil)
        #expect(told(world) == ["alice: e"])
    }

    @Test func onlyWhoSeesAnInteractiveMessageInteracts() throws {
        let world = world()
        let (between, inGroup) = (try sent(world), try sent(world, to: group("g")))
        let text = try #require(world.ask(.send(world.draft(to: user("bob"))), as: acting("alice"))?.messageID)
        let terms = InteractionTerms(goal: .anyAction)
        #expect(world.failure(.interact(between, ["e"], terms), as: acting("dave")) == .messageNoAccess)
        #expect(world.failure(.interact(inGroup, ["e"], terms), as: acting("dave")) == .notAMember)
        #expect(world.failure(.interact(text, ["e"], terms), as: acting("bob")) == .invalidMessageCategory)
        #expect(world.failure(.deleteMessage(between), as: acting("alice")) == nil)
        #expect(world.failure(.interact(between, ["e"], terms), as: acting("bob")) == .messageIDNotFound)
    }

    @Test func anAuthorWhoLeftTheGroupIsToldNothing() throws {
        let world = world()
        let id = try sent(world, to: group("g"))
        world.ask(.leave(g("g")), as: acting("alice"))
        let terms = InteractionTerms(goal: .anyAction)
        #expect(world.failure(.interact(id, ["e"], terms), as: acting("bob")) == nil)
        #expect(told(world) == [])
        #expect(world.store.engagements[id]?[u("bob")]?.hasCompleted == true)
    }

    @Test func theElementsKeptOfAUserAreBounded() throws {
        var rules = CoreRules()
        rules.interactionsPerUser = 2
        let world = world(rules)
        let id = try sent(world)
        let terms = InteractionTerms()
        #expect(world.failure(.interact(id, ["a", "b", "a"], terms), as: acting("bob")) == nil)
        #expect(world.failure(.interact(id, ["a"], terms), as: acting("bob")) == nil)
        guard case .failed(let failure)? = world.ask(.interact(id, ["c"], terms), as: acting("bob")) else {
            Issue.record("the third is refused")
            return
        }
        #expect(failure.code == .badRequest && failure.message.contains("interactionsPerUser"))
    }

    @Test func afterAFailedCommitTheGoalIsReachedAgain() throws {
        let world = world()
        let id = try sent(world)
        let terms = InteractionTerms(goal: .anyAction)
        world.commits = false
        world.ask(.interact(id, ["e"], terms), as: acting("bob"))
        world.fail()
        world.commits = true
        world.forget()
        world.ask(.interact(id, ["e"], terms), as: acting("bob"))
        #expect(told(world) == ["bob: e"])
    }

    @Test func interactiveMessagesTakeReceipts() throws {
        let world = world()
        let id = try sent(world)
        world.connect("bob", 2)
        world.forget()
        world.receipt(.read, 2, user("alice"), id + 50)
        world.receipt(.read, 2, user("alice"), id)
        #expect(world.receipts == ["read \(id) by bob to alice"])
    }
}
