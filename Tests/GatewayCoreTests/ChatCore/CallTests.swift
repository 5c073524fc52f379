import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct CallTests {
    private func world(_ change: (inout CoreRules) -> Void = { _ in }) -> World {
        var rules = CoreRules()
        change(&rules)
        let world = World(rules)
        world.user("alice", "bob", "carol", "dave")
        world.group("team", ["alice", "bob", "carol"])
        for (index, uid) in ["alice", "bob", "carol", "dave"].enumerated() { world.connect(uid, UInt64(index + 1)) }
        world.forget()
        return world
    }

    // MARK: 1:1

    @Test func aCallRingsIsAcceptedAndEnds() {
        let world = world()
        world.connect("bob", 22)
        let rung = world.call("s", "alice", user("bob"), from: 1)
        #expect(rung?.messageID != nil)
        let accepted = world.update("s", .accept, by: "bob", from: 22)
        #expect(accepted?.messageID != nil)
        world.advance(seconds: 60)
        world.update("s", .end, by: "alice", from: 1)
        #expect(
            world.calls == [
                "initiated s by alice to bob (receiver) from s1", "ongoing s by bob to alice from s22",
                "ended s by alice to bob from s1",
            ])
        #expect(world.status("s") == .ended)
        #expect(world.core.counts.timers == 0)
        guard case .message(let view, _)? = accepted, case .call(let call)? = view.on else {
            Issue.record("the answer is the call message")
            return
        }
        #expect(call.initiator.record.uid == u("alice"))
        #expect(call.action.joinedAt == world.wall - 60)
        guard case .user(let callee) = call.receiver else {
            Issue.record("alice called a user")
            return
        }
        #expect(callee.record.uid == u("bob"))
    }

    @Test(arguments: [
        (CallInput.reject, "bob", CallStatus.rejected), (.busy, "bob", .busy), (.cancel, "alice", .cancelled),
        (.unanswered, "alice", .unanswered), (.unanswered, "bob", .unanswered),
    ]) func aRingingCallEnds(_ input: CallInput, _ by: String, _ status: CallStatus) {
        let world = world()
        world.call("s", "alice", user("bob"))
        #expect(world.update("s", input, by: by)?.messageID != nil)
        #expect(world.status("s") == status)
        let other = by == "alice" ? "bob" : "alice"
        #expect(world.calls.last == "\(status) s by \(by) to \(other)")
        // The log has it, so the store tells of it from now on.
        #expect(world.update("s", .accept, by: "bob")?.failureCode == .callSessionNotFound)
        world.call("t", "bob", user("alice"))
        #expect(world.status("t") == .initiated, "nobody is busy any more")
    }

    @Test func afterTheLogHasItAPastCallIsUnknownToTheCore() {
        let world = world()
        world.commits = false
        world.call("s", "alice", user("bob"))
        world.update("s", .reject, by: "bob")
        let request = world.post(
            .updateCall(CallSessionID(trusted: "s"), .accept), as: .backend(onBehalfOf: u("bob")))
        world.commit()
        #expect(world.reply(to: request)?.failureCode == .callTerminated)
        #expect(world.update("s", .accept, by: "bob")?.failureCode == .callSessionNotFound)
        #expect(world.update("nowhere", .accept, by: "bob")?.failureCode == .callSessionNotFound)
    }

    @Test func nobodyElseHasAPartInIt() {
        let world = world()
        world.call("s", "alice", user("bob"))
        #expect(world.update("s", .accept, by: "carol")?.failureCode == .callNotAPart)
        #expect(world.update("s", .cancel, by: "bob")?.failureCode == .badRequest)
        #expect(world.update("s", .accept, by: "alice")?.failureCode == .badRequest)
        #expect(world.status("s") == .initiated)
    }

    @Test func whoCannotBeCalledIsRefused() {
        let world = world()
        #expect(world.call("s", "alice", user("alice"))?.failureCode == .callingSelf)
        #expect(world.call("s", "alice", user("ghost"))?.failureCode == .uidNotFound)
        #expect(world.call("s", "alice", group("nowhere"))?.failureCode == .guidNotFound)
        #expect(world.call("s", "dave", group("team"))?.failureCode == .notAMember)
        #expect(
            world.ask(.startCall(CallDraft(session: CallSessionID(trusted: "s"), receiver: user("bob"), type: .audio)))?
                .failureCode == .badRequest)
        #expect(world.calls == [])
    }

    @Test func aBlockedPairIsNotConnectedButMeetsInGroups() {
        let world = world()
        world.ask(.block([u("bob")]), as: .backend(onBehalfOf: u("alice")))
        world.forget()
        #expect(world.call("s", "alice", user("bob"))?.failureCode == .blockedReceiver)
        #expect(world.call("s", "bob", user("alice"))?.failureCode == .blockedSender)
        #expect(world.calls == [])
        world.call("t", "alice", group("team"))
        #expect(world.update("t", .accept, by: "bob")?.messageID != nil)
    }

    @Test(arguments: [false, true]) func theCallOfABusyUserIsRefusedAndKnownToTheCallersOthersAlone(_ isOngoing: Bool) {
        let world = world()
        world.call("s", "alice", user("bob"))
        if isOngoing { world.update("s", .accept, by: "bob") }
        world.forget()
        for callee in ["alice", "bob"] {
            let name = "busy-\(callee)"
            #expect(world.call(name, "carol", user(callee), from: 3)?.failureCode == .callBusyUser)
            #expect(world.status(name) == .busy)
        }
        #expect(
            world.calls == [
                "busy busy-alice by carol to alice (sender) from s3", "busy busy-bob by carol to bob (sender) from s3",
            ])
        #expect(world.store.messages.values.count { $0.category == .call && $0.sender == u("carol") } == 2)
        #expect(world.call("t", "carol", user("dave"))?.messageID != nil, "the refused caller is not in a call")
    }

    @Test func aCallerInACallIsRefused() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.forget()
        #expect(world.call("t", "alice", user("carol"))?.failureCode == .callBusySelf)
        #expect(world.call("t", "bob", user("carol"))?.failureCode == .callBusySelf)
        #expect(world.call("t", "bob", user("alice"))?.failureCode == .callBusySelf)
        #expect(world.calls == [])
        #expect(world.call("t", "alice", group("team"))?.messageID != nil, "group calls are not checked for busy")
    }

    // MARK: Time

    @Test func whatNobodyAnswersIsUnansweredForBothSides() {
        let world = world()
        world.call("s", "alice", user("bob"), from: 1)
        world.advance(seconds: 44)
        #expect(world.status("s") == .initiated)
        world.advance(seconds: 1)
        #expect(world.status("s") == .unanswered)
        #expect(world.calls.last == "unanswered s by alice to bob")
        #expect(world.decisions.last?.reply == nil)
        #expect(world.update("s", .unanswered, by: "alice")?.failureCode != nil, "the client was later: no harm done")
        #expect(world.calls.count == 2)
    }

    @Test func theClientsOwnTimerIsHonouredAndOursThenStops() {
        let world = world()
        world.call("s", "alice", user("bob"), from: 1)
        world.advance(seconds: 30)
        world.update("s", .unanswered, by: "alice", from: 1)
        world.advance(seconds: 60)
        #expect(world.calls.count == 2)
        #expect(world.core.counts.timers == 0)
    }

    @Test func anOngoingCallHasNoTimer() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.update("s", .accept, by: "bob")
        world.advance(seconds: 10_000)
        #expect(world.status("s") == .ongoing)
    }

    // MARK: Who is gone

    @Test func aCallerWhoVanishesCancels() {
        let world = world()
        world.call("s", "alice", user("bob"), from: 1)
        world.disconnect(1)
        world.advance(seconds: 14)
        #expect(world.status("s") == .initiated)
        world.advance(seconds: 1)
        #expect(world.calls.last == "cancelled s by alice to bob")
    }

    @Test func aCalleeWhoVanishesIsRungOn() {
        let world = world()
        world.call("s", "alice", user("bob"), from: 1)
        world.disconnect(2)
        world.advance(seconds: 20)
        #expect(world.status("s") == .initiated)
        world.connect("bob", 22)
        #expect(world.update("s", .accept, by: "bob")?.messageID != nil)
    }

    @Test(arguments: [("alice", UInt64(1), "bob"), ("bob", 2, "alice")])
    func aParticipantWhoVanishesEndsIt(_ who: String, _ connection: UInt64, _ other: String) {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.update("s", .accept, by: "bob")
        world.disconnect(connection)
        world.advance(seconds: 10)
        #expect(world.status("s") == .ongoing)
        world.advance(seconds: 5)
        #expect(world.calls.last == "ended s by \(who) to \(other)")
    }

    @Test func whoComesBackInTimeIsStillInIt() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.update("s", .accept, by: "bob")
        world.disconnect(1)
        world.advance(seconds: 10)
        world.connect("alice", 11)
        world.advance(seconds: 1_000)
        #expect(world.status("s") == .ongoing)
    }

    @Test func logoutOfTheLastDeviceEndsTheCallAtOnce() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.update("s", .accept, by: "bob")
        world.ask(.logout, as: .token(hash("token-alice")))
        world.disconnect(1)
        #expect(world.status("s") == .ended)
    }

    @Test func whoNeverConnectsHoldsNoCallForEver() {
        let world = world()
        world.user("erin", "frank")
        world.call("s", "erin", user("frank"))
        world.update("s", .accept, by: "frank")
        world.advance(seconds: 44)
        #expect(world.status("s") == .ongoing)
        world.connect("erin", 50)
        world.advance(seconds: 1)
        #expect(world.status("s") == .ended)
        #expect(world.calls.last == "ended s by frank to erin")
    }

    @Test func aDeletedUserLeavesNoCallBehind() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.update("s", .accept, by: "bob")
        world.call("t", "carol", user("dave"))
        world.call("u", "carol", group("team"))
        world.update("u", .accept, by: "alice")
        world.forget()
        #expect(world.ask(.deleteUser(u("alice"), permanent: true))?.isDone == true)
        #expect(world.calls.sorted() == ["ended s by alice to bob", "left u by alice to team (sender)"])
        #expect(world.ask(.deleteUser(u("dave"), permanent: false))?.isDone == true)
        #expect(world.calls.last == "unanswered t by carol to dave")
        #expect(world.ask(.deleteUser(u("carol"), permanent: true))?.isDone == true)
        #expect(world.status("u") == .ended)
        #expect(world.core.apps[World.app]?.calls.count == 0)
    }

    // MARK: Groups

    @Test func aGroupCallLastsUntilTheLastHasLeft() {
        let world = world()
        world.call("s", "alice", group("team"), from: 1)
        world.update("s", .reject, by: "carol")
        #expect(world.status("s") == .initiated)
        world.update("s", .accept, by: "bob")
        world.update("s", .accept, by: "carol", from: 3)
        world.update("s", .end, by: "alice", from: 1)
        world.update("s", .end, by: "carol")
        #expect(world.update("s", .end, by: "carol")?.failureCode == .callNotAPart)
        #expect(world.status("s") == .ongoing)
        world.update("s", .end, by: "bob")
        #expect(
            world.calls == [
                "initiated s by alice to team from s1", "rejected s by carol to team", "ongoing s by bob to team",
                "ongoing s by carol to team from s3", "left s by alice to team (sender) from s1",
                "left s by carol to team (sender)", "ended s by bob to team",
            ])
        #expect(world.status("s") == .ended)
    }

    @Test func whoLeftMayJoinAgain() {
        let world = world()
        world.call("s", "alice", group("team"))
        world.update("s", .accept, by: "bob")
        world.update("s", .end, by: "alice")
        #expect(world.update("s", .accept, by: "alice")?.messageID != nil)
        #expect(world.update("s", .accept, by: "alice")?.failureCode == .badRequest)
        world.update("s", .end, by: "bob")
        #expect(world.status("s") == .ongoing)
    }

    @Test func aNonMemberHasNoPartInAGroupCall() {
        let world = world()
        world.call("s", "alice", group("team"))
        #expect(world.update("s", .accept, by: "dave")?.failureCode == .callNotAPart)
        #expect(world.update("s", .end, by: "bob")?.failureCode == .callNotAPart)
        #expect(world.update("s", .unanswered, by: "bob")?.failureCode == .badRequest)
    }

    @Test func aParticipantWhoVanishesLeavesTheGroupCall() {
        let world = world()
        world.call("s", "alice", group("team"))
        world.update("s", .accept, by: "bob")
        world.disconnect(1)
        world.advance(seconds: 15)
        #expect(world.calls.last == "left s by alice to team (sender)")
        world.disconnect(2)
        world.advance(seconds: 15)
        #expect(world.calls.last == "ended s by bob to team")
    }

    @Test func whoLeavesTheGroupLeavesItsCallBefore() {
        let world = world()
        world.call("s", "alice", group("team"))
        world.update("s", .accept, by: "bob")
        world.forget()
        #expect(world.ask(.leave(g("team")), as: .backend(onBehalfOf: u("bob")))?.isDone == true)
        #expect(world.calls == ["left s by bob to team (sender)"])
        let kinds = world.decisions.flatMap(\.projections).compactMap { projection -> MessageCategory? in
            if case .message(let event) = projection { event.view.message.category } else { nil }
        }
        #expect(kinds == [.call, .action])
        #expect(world.update("s", .accept, by: "bob")?.failureCode == .callNotAPart)
    }

    @Test func aDeletedGroupTakesItsCallsAlong() {
        let world = world()
        world.call("s", "alice", group("team"))
        world.update("s", .accept, by: "bob")
        world.forget()
        #expect(world.ask(.deleteGroup(g("team")), as: .backend(onBehalfOf: u("alice")))?.isDone == true)
        #expect(world.calls == [])
        #expect(world.core.apps[World.app]?.calls.count == 0)
        world.advance(seconds: 100)
        #expect(world.update("s", .end, by: "bob")?.failureCode == .callSessionNotFound)
        #expect(world.core.counts.timers == 0)
    }

    // MARK: Limits

    @Test func aGroupCallHoldsSoManyAtATime() {
        let world = world { $0.participantsPerCall = 2 }
        world.call("s", "alice", group("team"))
        world.update("s", .accept, by: "bob")
        #expect(world.update("s", .accept, by: "carol")?.failureCode == .badRequest)
        world.update("s", .end, by: "bob")
        #expect(world.update("s", .accept, by: "carol")?.messageID != nil)
    }

    @Test func aUserIsInSoManyGroupCallsAtATime() {
        let world = world { $0.groupCallsPerUser = 1 }
        world.call("s", "alice", group("team"))
        #expect(world.call("t", "alice", group("team"))?.failureCode == .badRequest)
        world.call("t", "bob", group("team"))
        #expect(world.update("s", .accept, by: "bob")?.failureCode == .badRequest)
        world.update("s", .cancel, by: "alice")
        #expect(world.call("u", "alice", group("team"))?.messageID != nil)
    }

    @Test func anAppHasSoManyActiveCalls() {
        let world = world { $0.callsPerApp = 1 }
        world.call("s", "alice", user("bob"))
        #expect(world.call("t", "carol", user("dave"))?.failureCode == .unavailable)
        world.update("s", .cancel, by: "alice")
        #expect(world.call("t", "carol", user("dave"))?.messageID != nil)
    }

    @Test func callingIsBoundedLikeSendingButEndingIsNot() {
        let world = world { $0.sendsPerMinute = 2 }
        let alice = Caller.connection(c(1))
        let draft = CallDraft(session: CallSessionID(trusted: "s"), receiver: user("bob"), type: .audio)
        for _ in 0..<2 {
            #expect(world.ask(.startCall(draft), as: alice)?.messageID != nil)
            #expect(world.ask(.updateCall(draft.session, .cancel), as: alice)?.messageID != nil)
        }
        #expect(world.ask(.startCall(draft), as: alice)?.failureCode == .tooManyRequests)
    }

    // MARK: The same call twice

    @Test func theMuidOfARingingCallMakesNoSecondOne() {
        let world = world()
        world.call("s", "alice", user("bob"), muid: "m")
        world.forget()
        guard case .message(let view, true)? = world.call("t", "alice", user("bob"), muid: "m") else {
            Issue.record("it is answered, not refused as busy")
            return
        }
        world.core.judgedDuplicate(World.app, view.message)
        #expect(world.calls == [])
        #expect(world.core.apps[World.app]?.calls.sessions.map(\.text) == ["s"])
    }

    @Test func aCallThatTheLogFindsToBeADuplicateNeverWas() {
        let world = world()
        world.commits = false
        let request = world.post(
            .startCall(
                CallDraft(session: CallSessionID(trusted: "s"), receiver: user("bob"), type: .audio, muid: "old")),
            as: .backend(onBehalfOf: u("alice")))
        guard case .message(let view, _)? = world.reply(to: request) else {
            Issue.record("decided")
            return
        }
        world.core.judgedDuplicate(World.app, view.message)
        #expect(world.core.apps[World.app]?.calls.count == 0)
        #expect(world.core.counts.timers == 0)
    }

    // MARK: Failures and restarts

    @Test func aFailedCommitTakesTheStepBack() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.commits = false
        world.post(.updateCall(CallSessionID(trusted: "s"), .accept), as: .backend(onBehalfOf: u("bob")))
        world.post(
            .startCall(CallDraft(session: CallSessionID(trusted: "t"), receiver: user("dave"), type: .audio)),
            as: .backend(onBehalfOf: u("carol")))
        world.fail()
        world.commits = true
        world.core.tick(at: world.clock)
        #expect(world.core.apps[World.app]?.calls.count == 1)
        #expect(world.call("v", "carol", user("dave"))?.messageID != nil)
        #expect(world.update("s", .accept, by: "bob")?.messageID != nil)
        #expect(world.status("s") == .ongoing)
    }

    @Test func aTimeoutThatFailedIsTriedAgain() {
        let world = world()
        world.call("s", "alice", user("bob"))
        world.commits = false
        world.advance(seconds: 45)
        world.fail()
        world.commits = true
        #expect(world.status("s") == .initiated)
        world.advance(seconds: 0)
        world.advance(seconds: 1)
        #expect(world.status("s") == .unanswered)
    }

    @Test func aStepWhoseEntitiesCannotBeReadIsTriedAgain() {
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        let world = World(rules)
        world.user("alice", "bob")
        world.call("s", "alice", user("bob"))
        world.answersLoads = false
        let before = world.output.loads.count
        world.advance(seconds: 45)
        let asked = world.output.loads[before...]
        #expect(!asked.isEmpty)
        for key in asked { world.core.loaded(key, nil, at: world.clock) }
        world.pump()
        #expect(world.status("s") == .initiated)
        world.answersLoads = true
        world.advance(seconds: 1)
        #expect(world.status("s") == .unanswered)
    }

    private func restarted(_ world: World, after seconds: Int64, _ rules: CoreRules = CoreRules()) -> World {
        let next = World(rules, store: world.store)
        next.wall = world.wall + seconds
        next.advance(seconds: 0)
        return next
    }

    @Test func aRingingCallGoesOnRingingOverARestartForTheRestOfItsTime() {
        let old = world()
        old.call("s", "alice", user("bob"))
        let world = restarted(old, after: 30)
        world.connect("alice", 1)
        world.connect("bob", 2)
        #expect(world.call("t", "bob", user("carol"))?.failureCode == .callBusySelf)
        world.advance(seconds: 14)
        #expect(world.status("s") == .initiated)
        world.advance(seconds: 1)
        #expect(world.calls.last == "unanswered s by alice to bob")
    }

    @Test func aRingingCallWhoseTimePassedMeanwhileIsUnansweredAtTheStart() {
        let old = world()
        old.call("s", "alice", user("bob"))
        let world = restarted(old, after: 100)
        #expect(world.status("s") == .unanswered)
    }

    @Test func aCallerWhoDoesNotComeBackAfterARestartCancels() {
        let old = world()
        old.call("s", "alice", user("bob"))
        let world = restarted(old, after: 1)
        world.connect("bob", 2)
        world.advance(seconds: 14)
        #expect(world.status("s") == .initiated)
        world.advance(seconds: 1)
        #expect(world.status("s") == .cancelled)
    }

    @Test func anOngoingCallGoesOnIfBothComeBackAfterARestart() {
        let old = world()
        old.call("s", "alice", user("bob"))
        old.update("s", .accept, by: "bob")
        let world = restarted(old, after: 1)
        world.connect("alice", 1)
        world.connect("bob", 2)
        world.advance(seconds: 1_000)
        #expect(world.status("s") == .ongoing)
        world.update("s", .end, by: "bob")
        #expect(world.status("s") == .ended)
    }

    @Test func anOngoingCallEndsIfOneDoesNotComeBackAfterARestart() {
        let old = world()
        old.call("s", "alice", user("bob"))
        old.update("s", .accept, by: "bob")
        let world = restarted(old, after: 1)
        world.connect("alice", 1)
        world.advance(seconds: 15)
        #expect(world.calls.last == "ended s by bob to alice")
    }

    @Test func aGroupCallKeepsThoseWhoComeBackAfterARestart() {
        let old = world()
        old.call("s", "alice", group("team"))
        old.update("s", .accept, by: "bob")
        old.update("s", .accept, by: "carol")
        let world = restarted(old, after: 1)
        world.connect("carol", 3)
        world.advance(seconds: 15)
        #expect(world.calls.sorted() == ["left s by alice to team (sender)", "left s by bob to team (sender)"])
        #expect(world.store.calls[CallSessionID(trusted: "s")]?.participants.map(\.uid) == [u("carol")])
    }
}
