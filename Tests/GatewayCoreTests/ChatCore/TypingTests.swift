import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct TypingTests {
    private func world() -> World {
        let world = World()
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        world.connect("alice", 1)
        world.connect("bob", 2)
        world.forget()
        return world
    }

    @Test func startedAndEndedAreRelayed() {
        let world = world()
        world.typing(2, user("alice"), true)
        world.typing(2, user("alice"), false)
        world.typing(2, user("alice"), false)
        #expect(world.heard == ["started bob->alice", "ended bob->alice"])
        #expect(world.core.nextDeadlineMs == nil)
    }

    @Test func aDisconnectEndsAtOnceWithoutTheGrace() {
        let world = world()
        world.typing(2, group("g"), true)
        world.typing(2, user("alice"), true)
        world.disconnect(2)
        #expect(Set(world.heard.suffix(2)) == ["ended bob->group g", "ended bob->alice"])
    }

    @Test func onlyWhatTheConnectionTypedEndsWithIt() {
        let world = world()
        world.connect("bob", 3)
        world.typing(3, user("alice"), true)
        world.forget()
        world.disconnect(2)
        #expect(world.heard == [])
        world.disconnect(3)
        #expect(world.heard == ["ended bob->alice"])
    }

    @Test func aMessageToThatConversationEndsIt() {
        let world = world()
        world.typing(2, group("g"), true)
        world.typing(2, user("alice"), true)
        world.forget()
        world.send(2, to: group("g"))
        #expect(world.heard == ["ended bob->group g"])
        guard case .connection(c(2), _)? = world.events.first?.origin else {
            Issue.record("the end carries the origin of the message")
            return
        }
    }

    @Test func goingToBackgroundEndsIt() {
        let world = world()
        world.typing(2, group("g"), true)
        world.forget()
        world.ask(.appState(.background), as: .connection(c(2)))
        #expect(world.heard == ["ended bob->group g"])
        world.typing(2, group("g"), true)
        #expect(world.heard == ["ended bob->group g"])
    }

    @Test func leavingEndsIt() {
        let world = world()
        world.typing(2, group("g"), true)
        world.forget()
        world.ask(.leave(g("g")), as: .connection(c(2)))
        #expect(world.heard == ["ended bob->group g"])
    }

    @Test func deletionOfTheTypistEndsIt() {
        let world = world()
        world.typing(2, group("g"), true)
        world.forget()
        world.ask(.deleteUser(u("bob"), permanent: true))
        #expect(world.heard == ["ended bob->group g"])
    }

    @Test func theTimeoutEndsItAndARefreshMovesTheTimeout() {
        let world = world()
        world.typing(2, group("g"), true)
        world.advance(seconds: 20)
        world.typing(2, group("g"), true)
        world.advance(seconds: 20)
        #expect(world.heard == ["started bob->group g", "started bob->group g"])
        world.advance(seconds: 10)
        #expect(world.heard.last == "ended bob->group g")
        #expect(world.events.last?.origin == nil)
        world.advance(seconds: 60)
        #expect(world.heard.count == 3)
    }

    @Test func theBackendTypesForAUserAndTheTimeoutEndsIt() {
        let world = world()
        world.ask(.typing(receiver: group("g"), started: true, metadata: nil), as: .backend(onBehalfOf: u("bob")))
        world.advance(seconds: 30)
        #expect(world.heard == ["started bob->group g", "ended bob->group g"])
    }

    @Test func nobodyIsToldWhenTheReceiverIsOffline() {
        let world = world()
        world.typing(2, user("carol"), true)
        world.typing(2, user("ghost"), true)
        #expect(world.heard == [])
        #expect(world.core.counts.timers == 0)
    }

    @Test func typingToAGroupOneIsNoMemberOfIsRefused() {
        let world = world()
        world.connect("carol", 3)
        let typing = Operation.typing(receiver: group("g"), started: true, metadata: nil)
        #expect(world.failure(typing, as: .connection(c(3))) == .notAMember)
        #expect(
            world.failure(.transient(receiver: group("g"), data: JSONBytes(validated: [])), as: .connection(c(3)))
                == .notAMember)
    }

    @Test func transientGoesOnlyToWhoIsThere() {
        let world = world()
        let data = JSONBytes(validated: Array("{}".utf8))
        world.ask(.transient(receiver: user("alice"), data: data), as: .connection(c(2)))
        world.ask(.transient(receiver: user("carol"), data: data), as: .connection(c(2)))
        world.ask(.transient(receiver: group("g"), data: data), as: .backend(onBehalfOf: u("bob")))
        #expect(world.heard == ["transient bob->alice", "transient bob->group g"])
    }

    @Test func deletingTheGroupDropsTypingInItSilently() {
        let world = world()
        world.typing(2, group("g"), true)
        world.forget()
        world.ask(.deleteGroup(g("g")))
        world.advance(seconds: 60)
        #expect(world.heard == [])
        #expect(world.core.counts.timers == 0)
    }

    @Test func pastTheLimitOfOneTypistTheOldestEnds() {
        let world = World()
        world.user("alice", "bob")
        for index in 0...TypingBoard.perTypistMax { world.group("g\(index)", ["alice", "bob"]) }
        world.connect("alice", 1)
        for index in 0...TypingBoard.perTypistMax { world.typing(1, group("g\(index)"), true) }
        #expect(world.heard.contains("ended alice->group g0"))
        #expect(world.core.counts.timers == TypingBoard.perTypistMax)
    }
}
