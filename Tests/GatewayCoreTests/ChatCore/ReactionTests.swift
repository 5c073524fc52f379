import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Reactions (protocol.md §3.8).
@Suite struct ReactionTests {
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        return world
    }

    private func acting(_ uid: String) -> Caller { .backend(onBehalfOf: u(uid)) }

    private func sent(_ world: World, to receiver: Receiver = group("g"), category: MessageCategory = .message) throws
        -> Int64
    {
        var draft = world.draft(to: receiver)
        draft.category = category
        let id = try #require(world.ask(.send(draft), as: acting("alice"))?.messageID)
        world.forget()
        return id
    }

    /// `+x bob 2` for a reaction of bob's with its id, in order.
    private func events(_ world: World) -> [String] {
        world.decisions.flatMap(\.projections).compactMap { projection in
            guard case .reaction(let event, _) = projection else { return nil }
            return "\(event.isAdded ? "+" : "-")\(event.reaction.reaction) \(event.reaction.user.record.uid)"
        }
    }

    private func counts(_ world: World, _ id: Int64) -> [String] {
        world.store.messages[id]?.reactions.map { "\($0.reaction)\($0.count)" } ?? []
    }

    @Test func aReactionIsGivenAndTakenBackOnce() throws {
        let world = world()
        let id = try sent(world)
        for _ in 0..<2 { #expect(world.failure(.react(id, "👍", given: true), as: acting("bob")) == nil) }
        #expect(world.failure(.react(id, "👍", given: true), as: acting("alice")) == nil)
        #expect(counts(world, id) == ["👍2"])
        for _ in 0..<2 { #expect(world.failure(.react(id, "👍", given: false), as: acting("bob")) == nil) }
        #expect(world.failure(.react(id, "👎", given: false), as: acting("bob")) == nil)
        #expect(counts(world, id) == ["👍1"])
        #expect(events(world) == ["+👍 bob", "+👍 alice", "-👍 bob"])
    }

    @Test func theEventHasTheIdAndTimeOfTheGiving() throws {
        let world = world()
        let id = try sent(world)
        world.connect("bob", 2)
        world.forget()
        let origin = Origin.connection(c(2), SessionID("s2")!)
        world.ask(.react(id, "x", given: true), as: .connection(c(2)), from: origin)
        let given = world.wall
        world.advance(seconds: 60)
        world.ask(.react(id, "x", given: false), as: .connection(c(2)), from: origin)
        let seen = world.decisions.filter { $0.seq > 0 }.flatMap { decision in
            decision.projections.compactMap { projection -> (Int64, ReactionEvent, Origin?)? in
                if case .reaction(let event, let origin) = projection { (decision.seq, event, origin) } else { nil }
            }
        }
        #expect(seen.map(\.1.isAdded) == [true, false])
        for (seq, event, from) in seen {
            #expect(event.seq == seq && from == origin && event.originSession == SessionID("s2"))
            #expect(event.reaction.id == seen[0].0 && event.reaction.at == given)
            #expect(event.reaction.conversation == .group(g("g")) && event.reaction.messageID == id)
        }
    }

    @Test func onlyWhoSeesTheMessageReacts() throws {
        let world = world()
        let (inGroup, between) = (try sent(world), try sent(world, to: user("bob")))
        #expect(world.failure(.react(inGroup, "x", given: true), as: acting("carol")) == .notAMember)
        #expect(world.failure(.react(between, "x", given: true), as: acting("carol")) == .messageNoAccess)
        #expect(world.failure(.react(between, "x", given: true), as: acting("bob")) == nil)
        #expect(world.failure(.react(between, "x", given: true), as: .backend(onBehalfOf: nil)) == .badRequest)
        #expect(world.failure(.react(99_999, "x", given: true), as: acting("bob")) == .messageIDNotFound)
    }

    @Test func neitherDeletedMessagesNorActionsTakeReactions() throws {
        let world = world()
        let id = try sent(world)
        #expect(world.failure(.react(id, "x", given: true), as: acting("bob")) == nil)
        let action = try #require(world.ask(.deleteMessage(id), as: acting("alice"))?.messageID)
        #expect(world.failure(.react(id, "y", given: true), as: acting("bob")) == .messageIDNotFound)
        #expect(world.failure(.react(id, "x", given: false), as: acting("bob")) == .messageIDNotFound)
        #expect(world.failure(.react(action, "x", given: true), as: acting("bob")) == .invalidMessageCategory)
        #expect(counts(world, id) == [])
    }

    @Test func aUsersReactionsOnAMessageAreBounded() throws {
        var rules = CoreRules()
        rules.reactionsPerUser = 2
        let world = world(rules)
        let id = try sent(world)
        for word in ["a", "b"] { #expect(world.failure(.react(id, word, given: true), as: acting("bob")) == nil) }
        guard case .failed(let failure)? = world.ask(.react(id, "c", given: true), as: acting("bob")) else {
            Issue.record("the third is refused")
            return
        }
        #expect(failure.code == .badRequest && failure.message.contains("reactionsPerUser"))
        #expect(world.failure(.react(id, "b", given: true), as: acting("bob")) == nil, "it stands already")
        #expect(world.failure(.react(id, "c", given: true), as: acting("alice")) == nil)
        #expect(world.failure(.react(id, "a", given: false), as: acting("bob")) == nil)
        #expect(world.failure(.react(id, "c", given: true), as: acting("bob")) == nil)
    }

    @Test func theDifferentReactionsOnAMessageAreBounded() throws {
        var rules = CoreRules()
        rules.reactionsPerMessage = 2
        let world = world(rules)
        let id = try sent(world)
        for word in ["a", "b"] { #expect(world.failure(.react(id, word, given: true), as: acting("bob")) == nil) }
        #expect(world.failure(.react(id, "c", given: true), as: acting("alice")) == .badRequest)
        #expect(world.failure(.react(id, "a", given: true), as: acting("alice")) == nil)
        #expect(counts(world, id) == ["a2", "b1"])
    }

    @Test func whatWasForgottenIsReadAgain() throws {
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        let world = world(rules)
        let id = try sent(world)
        for uid in ["bob", "alice", "bob"] { world.ask(.react(id, "x", given: true), as: acting(uid)) }
        #expect(counts(world, id) == ["x2"])
        #expect(events(world).count == 2)
        #expect(world.core.apps[World.app]?.engagements.isEmpty == true)
    }

    @Test func afterAFailedCommitItWasNotGiven() throws {
        let world = world()
        let id = try sent(world)
        world.commits = false
        world.ask(.react(id, "x", given: true), as: acting("bob"))
        world.fail()
        world.commits = true
        world.forget()
        world.ask(.react(id, "x", given: true), as: acting("bob"))
        #expect(events(world) == ["+x bob"])
        #expect(counts(world, id) == ["x1"])
    }

    @Test func anEditKeepsTheReactions() throws {
        let world = world()
        let id = try sent(world)
        world.ask(.react(id, "x", given: true), as: acting("bob"))
        world.ask(.editMessage(id, MessageEdit(data: .emptyObject, tags: [])), as: acting("alice"))
        #expect(counts(world, id) == ["x1"])
    }
}
