import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct MessageTests {
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        world.connect("alice", 1)
        world.forget()
        return world
    }

    @Test func aMessageGetsTheNextPositionAsItsId() throws {
        let world = world()
        let first = try #require(world.send(1, to: user("bob"))?.messageID)
        let second = try #require(world.send(1, to: group("g"), muid: "m")?.messageID)
        #expect(second == first + 1)
        let decision = try #require(world.decisions.last)
        #expect(decision.seq == second)
        guard case .message(let record)? = decision.changes.first,
            case .message(let event)? = decision.projections.first
        else {
            Issue.record("a message is one change and one projection")
            return
        }
        #expect(record.id == second)
        #expect(record.muid == "m")
        #expect(record.originSession == SessionID("s1"))
        #expect(event.view.sender.online)
        guard case .group(let shown) = event.view.receiver else {
            Issue.record("the receiver is the group")
            return
        }
        #expect(shown.membersCount == 2)
        #expect(shown.viewer == nil)
    }

    @Test func sentAtNeverGoesBack() {
        let world = world()
        world.send(1, to: user("bob"))
        world.wall -= 1_000
        world.send(1, to: user("bob"))
        let times = world.store.messages.values.sorted { $0.id < $1.id }.map(\.sentAt)
        #expect(times.count == 2)
        #expect(times[0] == times[1])
    }

    @Test func sentAtStaysAboveTheLastOneOfBeforeARestart() {
        let output = RecordedOutput()
        let core = ChatCore(rules: CoreRules(), presence: PresenceTable(), output: output)
        core.addApp(World.app, reservedThrough: 0, lastSentAt: 9_999)
        #expect(core.apps[World.app]?.seconds(CoreClock(monotonicMs: 0, wallSeconds: 5)) == 9_999)
    }

    @Test func unknownReceiversAndNonMembersAreRefused() {
        let world = world()
        world.connect("carol", 3)
        #expect(world.send(1, to: user("ghost"))?.failureCode == .uidNotFound)
        #expect(world.send(1, to: group("ghost"))?.failureCode == .guidNotFound)
        #expect(world.send(3, to: group("g"))?.failureCode == .notAMember)
    }

    @Test func theBackendSendsOnlyOnBehalfOfAUser() {
        let world = world()
        let draft = world.draft(to: group("g"))
        #expect(world.ask(.send(draft), as: .backend(onBehalfOf: u("bob")))?.messageID != nil)
        #expect(world.failure(.send(draft), as: .backend(onBehalfOf: u("carol"))) == .notAMember)
        #expect(world.failure(.send(draft), as: .backend(onBehalfOf: u("ghost"))) == .uidNotFound)
        #expect(world.failure(.send(draft), as: .backend(onBehalfOf: nil)) == .badRequest)
        #expect(world.failure(.send(draft), as: .authKey) == .noAccess)
    }

    @Test func aTokenSendsAsItsUser() {
        let world = world()
        world.token("bobs", of: "bob")
        let draft = world.draft(to: user("alice"))
        #expect(world.ask(.send(draft), as: .token(hash("bobs")))?.messageID != nil)
        #expect(world.store.messages.values.first?.sender == u("bob"))
        #expect(world.failure(.send(draft), as: .token(hash("nope"))) == .authTokenNotFound)
    }

    @Test func theResourceCountsOnlyIfTheCallerHoldsThatSession() throws {
        let world = world()
        world.token("bobs", of: "bob")
        world.connect("bob", 2)
        let draft = world.draft(to: group("g"))
        world.ask(.send(draft), as: .token(hash("bobs")), from: .session(SessionID("s2")!))
        world.ask(.send(draft), as: .token(hash("bobs")), from: .session(SessionID("s1")!))
        world.ask(.send(draft), as: .token(hash("bobs")), from: .session(SessionID("none")!))
        let origins = world.store.messages.values.sorted { $0.id < $1.id }.map(\.originSession)
        #expect(origins == [SessionID("s2"), nil, nil])
    }

    @Test func sendsAreLimitedPerUserOverClientInterfacesOnly() {
        var rules = CoreRules()
        rules.sendsPerMinute = 3
        let world = world(rules)
        for _ in 0..<3 { #expect(world.send(1, to: user("bob"))?.messageID != nil) }
        guard case .failed(let failure)? = world.send(1, to: user("bob")) else {
            Issue.record("the fourth is refused")
            return
        }
        #expect(failure.code == .tooManyRequests)
        #expect(failure.retryAfterMs == 20_000)
        let draft = world.draft(to: user("bob"))
        #expect(world.failure(.send(draft), as: .token(hash("token-alice"))) == .tooManyRequests)
        for _ in 0..<10 { #expect(world.ask(.send(draft), as: .backend(onBehalfOf: u("alice")))?.messageID != nil) }
        world.advance(seconds: 20)
        #expect(world.send(1, to: user("bob"))?.messageID != nil)
    }

    @Test func aRateOfZeroIsOff() {
        var rules = CoreRules()
        rules.sendsPerMinute = 0
        let world = world(rules)
        for _ in 0..<500 { #expect(world.send(1, to: user("bob"))?.messageID != nil) }
    }

    @Test func repliesNameAMessageOfTheirConversationThatIsNoReply() throws {
        let world = world()
        let parent = try #require(world.send(1, to: group("g"))?.messageID)
        let reply = try #require(world.send(1, to: group("g"), parent: parent)?.messageID)
        #expect(world.store.messages[reply]?.parentID == parent)
        #expect(world.send(1, to: group("g"), parent: reply)?.failureCode == .messageThreadNesting)
        #expect(world.send(1, to: user("bob"), parent: parent)?.failureCode == .messageIDNotFound)
        #expect(world.send(1, to: group("g"), parent: 99_999)?.failureCode == .messageIDNotFound)
        #expect(world.send(1, to: group("g"), parent: -1)?.failureCode == .messageIDNotFound)
    }

    @Test func thatAMessageDoesNotExistIsNotRemembered() throws {
        let world = world()
        let next = try #require(world.send(1, to: group("g"))?.messageID) + 2
        #expect(world.send(1, to: group("g"), parent: next - 20)?.failureCode == .messageIDNotFound)
        world.send(1, to: group("g"))
        world.send(1, to: group("g"))
        #expect(world.send(1, to: group("g"), parent: next)?.messageID != nil)
    }

    @Test func clientsSendNoActionsAndNoCalls() {
        let world = world()
        for category in [MessageCategory.action, .call] {
            var draft = world.draft(to: user("bob"))
            draft.category = category
            #expect(world.failure(.send(draft), as: .connection(c(1))) == .invalidMessageCategory)
        }
    }

    @Test func aRevokedSessionSendsNothing() {
        let world = world()
        world.ask(.deleteTokens(u("alice"), hash("token-alice")))
        #expect(world.send(1, to: user("bob"))?.failureCode == .authTokenNotFound)
    }
}
