import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §3 (origin) and §6.3.
@Suite struct ShardAudienceTests {
    let shard = ShardHarness()
    let group = GroupID("lobby")!

    @Test func aMessageToAUserReachesTheReceiverAndTheSendersOtherConnections() {
        let alice = shard.connect("alice")
        let second = shard.connect("alice")
        let bob = shard.connect("bob")
        let carol = shard.connect("carol")
        shard.message(
            101, from: "alice", to: .to("bob"), origin: .connection(alice, SessionID("s\(alice.raw)")!))
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["m101"])
        #expect(shard.texts(bob) == ["m101"])
        #expect(shard.texts(carol) == [])
    }

    @Test func aMessageToOneselfReachesOnesOtherConnectionsOnce() {
        let alice = shard.connect("alice")
        let second = shard.connect("alice")
        shard.message(101, from: "alice", to: .to("alice"), origin: .connection(alice, SessionID("x")!))
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["m101"])
    }

    @Test func aGroupMessageReachesEveryMemberAndTheSendersOtherConnectionsOnce() {
        let alice = shard.connect("alice", groups: ["lobby"])
        let second = shard.connect("alice", groups: ["lobby"])
        let bob = shard.connect("bob", groups: ["lobby", "other"])
        let carol = shard.connect("carol", groups: ["other"])
        shard.message(101, from: "alice", to: .into("lobby"), origin: .connection(alice, SessionID("x")!))
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["m101"])
        #expect(shard.texts(bob) == ["m101"])
        #expect(shard.texts(carol) == [])
    }

    @Test func withoutAnOriginAllOfTheSendersConnectionsGetIt() {
        let alice = shard.connect("alice")
        shard.message(101, from: "alice", to: .to("bob"))
        #expect(shard.texts(alice) == ["m101"])
    }

    @Test func aRESTOriginExcludesTheActingUsersSessionOfThatNameAndNobodyElses() {
        let alice = shard.connect("alice", session: "same")
        let second = shard.connect("alice", session: "other")
        let bob = shard.connect("bob", session: "same")
        shard.message(101, from: "alice", to: .to("bob"), origin: .session(SessionID("same")!))
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["m101"])
        #expect(shard.texts(bob) == ["m101"])
    }

    @Test func aCallRingsAtTheCalleesConnectionsAloneAndOneOfAGroupAtTheMembers() {
        let alice = shard.connect("alice", groups: ["lobby"])
        let second = shard.connect("alice", groups: ["lobby"])
        let bob = shard.connect("bob", groups: ["lobby"])
        shard.call(101, .initiated, by: "alice", "alice", to: .to("bob"), origin: .session(SessionID("s\(alice.raw)")!))
        shard.call(102, .initiated, by: "alice", "alice", to: .to("bob"))
        shard.call(103, .initiated, by: "alice", "alice", to: .into("lobby"))
        #expect(shard.texts(alice) == ["c103"])
        #expect(shard.texts(second) == ["c103"])
        #expect(shard.texts(bob) == ["c101", "c102", "c103"])
    }

    @Test func whatIsBusyOrLeftIsForTheActingUsersOtherConnections() {
        let alice = shard.connect("alice", groups: ["lobby"])
        let second = shard.connect("alice", groups: ["lobby"])
        let bob = shard.connect("bob", groups: ["lobby"])
        let origin = Origin.session(SessionID("s\(alice.raw)")!)
        shard.call(101, .busy, by: "alice", "alice", to: .to("bob"), origin: origin)
        shard.call(102, .left, by: "alice", "bob", to: .into("lobby"), origin: origin)
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["c101", "c102"])
        #expect(shard.texts(bob) == [])
        shard.call(103, .busy, by: "bob", "alice", to: .to("bob"))
        shard.call(104, .ongoing, by: "alice", "bob", to: .to("alice"), origin: origin)
        #expect(shard.texts(alice) == ["c103"])
        #expect(shard.texts(second) == ["c103", "c104"])
        #expect(shard.texts(bob) == ["c103", "c104"])
    }

    @Test func membershipChangesExactlyAtItsPlaceInTheWalk() {
        let bob = shard.connect("bob")
        let member = UserID("bob")!
        shard.message(101, from: "alice", to: .into("lobby"))
        shard.walk(seq: 102, [(.memberAdded(group, member), nil), (.message(event(102)), "added")])
        shard.message(103, from: "alice", to: .into("lobby"))
        shard.walk(seq: 104, [(.message(event(104)), "left"), (.memberRemoved(group, member), nil)])
        shard.message(105, from: "alice", to: .into("lobby"))
        #expect(shard.texts(bob) == ["added", "m103", "left"])
    }

    @Test func theAffectedUserOfAnActionGetsItOnceMemberOrNot() {
        let bob = shard.connect("bob")
        let carol = shard.connect("carol", groups: ["lobby"])
        shard.message(101, from: "alice", to: .into("lobby"), alsoTo: "bob")
        shard.message(102, from: "alice", to: .into("lobby"), alsoTo: "carol")
        #expect(shard.texts(bob) == ["m101"])
        #expect(shard.texts(carol) == ["m101", "m102"])
    }

    @Test func aRemovedUserGetsTheirRemovalOnEveryConnectionAndThenNothingOfTheGroup() {
        let bob = [shard.connect("bob", groups: ["lobby"]), shard.connect("bob", groups: ["lobby"])]
        let carol = shard.connect("carol", groups: ["lobby"])
        let alice = shard.connect("alice", groups: ["lobby"])
        let origin = Origin.connection(alice, SessionID("x")!)
        let removal = MessageEvent(view: ShardHarness.view(101, from: "alice", to: .into("lobby")), origin: origin)
        shard.walk(seq: 101, [(.message(removal), "kicked"), (.memberRemoved(group, UserID("bob")!), nil)])
        shard.message(102, from: "alice", to: .into("lobby"), origin: origin)
        shard.typing("carol", to: .into("lobby"))
        for connection in bob { #expect(shard.texts(connection) == ["kicked"]) }
        #expect(shard.texts(carol) == ["kicked", "m102"])
        #expect(shard.texts(alice) == ["carol types"], "the acting session is told by its answer")
    }

    @Test func whoIsBannedWhileNoMemberIsToldAndNothingElse() {
        let eve = shard.connect("eve")
        let bob = shard.connect("bob", groups: ["lobby"])
        shard.message(101, from: "alice", to: .into("lobby"), alsoTo: "eve", text: "banned")
        shard.message(102, from: "alice", to: .into("lobby"))
        #expect(shard.texts(eve) == ["banned"])
        #expect(shard.texts(bob) == ["banned", "m102"])
    }

    @Test func aDeletedGroupReachesNobody() {
        let bob = shard.connect("bob", groups: ["lobby", "other"])
        shard.walk(seq: 101, [(.groupDeleted(group), nil)])
        shard.message(102, from: "alice", to: .into("lobby"))
        shard.message(103, from: "alice", to: .into("other"))
        #expect(shard.texts(bob) == ["m103"])
        #expect(shard.read(bob).isEmpty)
    }

    @Test func aLaterConnectionOfAUserSharesTheMembershipsAndTheLastOneTakesThemAlong() {
        let first = shard.connect("bob", groups: ["lobby"])
        let second = shard.connect("bob", groups: ["lobby"])
        shard.core.closed(first)
        shard.message(101, from: "alice", to: .into("lobby"))
        #expect(shard.texts(second) == ["m101"])
        shard.core.closed(second)
        #expect(shard.core.tables.apps[0].groups.count == 0)
        #expect(shard.core.tables.apps[0].users.count == 0)
        #expect(shard.core.counters.sessions == 0)
    }

    @Test func aReceiptReachesTheAuthorAndTheReadersOtherConnections() {
        let alice = shard.connect("alice")
        let bob = shard.connect("bob")
        let second = shard.connect("bob")
        let receipt = ReceiptEvent(
            action: .read, conversation: .pair(first: UserID("alice")!, second: UserID("bob")!),
            reader: ShardHarness.user("bob"), author: UserID("alice")!, messageID: 50, at: 1, seq: 101)
        shard.walk(seq: 101, [(.receipt(receipt, origin: .connection(bob, SessionID("x")!)), "r101")])
        #expect(shard.texts(alice) == ["r101"])
        #expect(shard.texts(bob) == [])
        #expect(shard.texts(second) == ["r101"])
    }

    @Test func aReceiptOfAllReachesTheAuthorOnly() {
        let alice = shard.connect("alice", groups: ["lobby"])
        let bob = shard.connect("bob", groups: ["lobby"])
        let receipt = ReceiptEvent(
            action: .readByAll, conversation: .group(group), reader: nil, author: UserID("alice")!, messageID: 50,
            at: 1, seq: 101)
        shard.walk(seq: 101, [(.receipt(receipt, origin: nil), "all")])
        #expect(shard.texts(alice) == ["all"])
        #expect(shard.texts(bob) == [])
    }

    @Test func typingReachesTheReceiverOrTheOtherMembersNeverTheTypist() {
        let alice = shard.connect("alice", groups: ["lobby"])
        let second = shard.connect("alice", groups: ["lobby"])
        let bob = shard.connect("bob", groups: ["lobby"])
        shard.typing("alice", to: .into("lobby"), origin: .connection(alice, SessionID("x")!))
        shard.typing("alice", to: .to("bob"), origin: .connection(alice, SessionID("x")!))
        #expect(shard.texts(bob) == ["alice types", "alice types"])
        #expect(shard.texts(alice) == [] && shard.texts(second) == [])
    }

    @Test func appsDoNotMeet() {
        let bob = shard.connect("bob", groups: ["lobby"])
        let other = AppNumber(2)
        shard.core.addApp(other, id: "app2", position: 5)
        let event = MessageEvent(view: ShardHarness.view(6, from: "alice", to: .to("bob")), origin: nil)
        shard.core.walk([
            WalkableDecision(
                decision: Decision(app: other, seq: 6, projections: [.message(event)]), duplicate: nil,
                frames: [ShardHarness.frame("foreign")])
        ])
        #expect(shard.texts(bob) == [])
        #expect(shard.core.position(of: other) == 6)
        #expect(shard.core.position(of: ShardHarness.app) == 100)
    }

    // MARK: Answers

    @Test func theAckStandsInTheWalksOrderAmongTheDurableFrames() {
        let bob = shard.connect("bob")
        shard.text(bob, Frames.message(to: "alice", ref: "c1"))
        let address = shard.sink.commands[0].replyTo!
        shard.message(101, from: "alice", to: .to("bob"))
        let view = ShardHarness.view(102, from: "bob", to: .to("alice"))
        shard.walk(
            seq: 102, [(.message(MessageEvent(view: view, origin: shard.sink.commands[0].origin)), "m102")],
            reply: .message(view, duplicate: false), to: bob, request: address.request)
        shard.message(103, from: "alice", to: .to("bob"))
        let texts = shard.texts(bob)
        #expect(texts.count == 3)
        #expect(texts[0] == "m101" && texts[2] == "m103")
        #expect(texts[1].contains(#""type":"ack""#) && texts[1].contains(#""ref":"c1""#))
        #expect(texts[1].contains(#""seq":102"#) && texts[1].contains(#""duplicate":false"#))
    }

    @Test func aDuplicateIsAnsweredWithTheFirstMessageAndDeliveredToNobody() {
        let bob = shard.connect("bob")
        let alice = shard.connect("alice")
        shard.text(bob, Frames.message(to: "alice", ref: "c1"))
        let view = ShardHarness.view(102, from: "bob", to: .to("alice"))
        shard.walk(
            seq: 102, [(.message(MessageEvent(view: view, origin: nil)), nil)],
            reply: .message(view, duplicate: false), to: bob, request: shard.sink.commands[0].replyTo!.request,
            duplicate: ShardHarness.view(90, from: "bob", to: .to("alice")))
        let texts = shard.texts(bob)
        #expect(texts.count == 1)
        #expect(texts[0].contains(#""seq":90"#) && texts[0].contains(#""duplicate":true"#))
        #expect(shard.texts(alice) == [])
        #expect(shard.core.position(of: ShardHarness.app) == 102)
    }

    @Test func aRefusedMessageIsAnsweredWithAnErrorOfItsRef() {
        let bob = shard.connect("bob")
        shard.text(bob, Frames.message(to: "alice", ref: "c1"))
        shard.walk(
            reply: .failed(.init(.uidNotFound, "no such user")), to: bob,
            request: shard.sink.commands[0].replyTo!.request)
        let texts = shard.texts(bob)
        #expect(texts.count == 1)
        #expect(texts[0].contains("ERR_UID_NOT_FOUND") && texts[0].contains(#""ref":"c1""#))
    }

    @Test func answersToOtherRequestsOfThisShardGoToTheSinkAndThoseOfOthersNowhere() {
        shard.walk(reply: .done, to: ConnectionReference(40 << 32 | 9), request: 7)
        shard.walk(reply: .done, to: ConnectionReference(1 << 56 | 40 << 32 | 9), request: 8)
        #expect(shard.sink.answers.map(\.request) == [7])
    }

    // MARK: Disconnects

    @Test func aTokensEndClosesTheConnectionsOpenedWithIt() {
        let first = shard.connect("bob", token: 1)
        let second = shard.connect("bob", token: 2)
        let carol = shard.connect("carol", token: 1)
        shard.walk([
            (
                .disconnect(
                    UserID("bob")!, token: TokenHash([UInt8](repeating: 1, count: 32)), reason: .credentialRevoked), nil
            )
        ])
        #expect(shard.closeCode(first) == 4001)
        #expect(shard.read(second).isEmpty && shard.read(carol).isEmpty)
        #expect(shard.sink.gone == [first])
    }

    @Test(arguments: [CloseReason.userGone, .disconnectedByBackend])
    func aUsersEndClosesAllTheirConnections(reason: CloseReason) {
        let connections = [shard.connect("bob", token: 1), shard.connect("bob"), shard.connect("bob", token: 2)]
        shard.walk([(.disconnect(UserID("bob")!, token: nil, reason: reason), nil)])
        for connection in connections { #expect(shard.closeCode(connection) == reason.rawValue) }
        #expect(shard.core.counters.closed[reason] == 3)
    }

    private func event(_ seq: Int64) -> MessageEvent {
        MessageEvent(view: ShardHarness.view(seq, from: "alice", to: .into("lobby")), origin: nil)
    }
}

/// protocol.md §3.8: who gets reactions and reached goals.
@Suite struct ShardEngagementAudienceTests {
    let shard = ShardHarness()

    private func reaction(_ seq: Int64, by uid: String, _ conversation: Conversation, origin: Origin? = nil) {
        let reaction = Reaction(
            id: seq, messageID: 1, conversation: conversation, parentID: nil, reaction: "x",
            user: ShardHarness.user(uid), at: 1)
        let event = ReactionEvent(isAdded: true, reaction: reaction, seq: seq, originSession: nil)
        shard.walk(seq: seq, [(.reaction(event, origin: origin), "r\(seq)")])
    }

    @Test func aReactionBetweenTwoReachesBothSidesOtherConnections() {
        let (origin, second) = (shard.connect("alice"), shard.connect("alice"))
        let (bob, carol) = (shard.connect("bob"), shard.connect("carol"))
        let conversation = Conversation(sender: UserID("alice")!, receiver: .to("bob"))
        reaction(101, by: "alice", conversation, origin: .connection(origin, SessionID("x")!))
        #expect(shard.texts(origin) == [])
        for connection in [second, bob] { #expect(shard.texts(connection) == ["r101"]) }
        #expect(shard.texts(carol) == [])
    }

    @Test func aReactionInAGroupReachesItsMembers() {
        let origin = shard.connect("alice", session: "mine", groups: ["lobby"])
        let (bob, carol) = (shard.connect("bob", groups: ["lobby"]), shard.connect("carol"))
        reaction(101, by: "alice", .group(GroupID("lobby")!), origin: .session(SessionID("mine")!))
        #expect(shard.texts(origin) == [])
        #expect(shard.texts(bob) == ["r101"])
        #expect(shard.texts(carol) == [])
    }

    @Test func aReachedGoalIsForTheAuthorAlone() {
        let (alice, second) = (shard.connect("alice", session: "mine"), shard.connect("alice"))
        let bob = shard.connect("bob", session: "mine")
        func completion(_ seq: Int64, by uid: String, origin: Origin?) {
            let event = CompletionEvent(
                messageID: 1, conversation: Conversation(sender: UserID("alice")!, receiver: .to("bob")),
                author: UserID("alice")!, user: ShardHarness.user(uid), interactions: [], seq: seq, originSession: nil)
            shard.walk(seq: seq, [(.completion(event, origin: origin), "c\(seq)")])
        }
        completion(101, by: "bob", origin: .session(SessionID("mine")!))
        for connection in [alice, second] { #expect(shard.texts(connection) == ["c101"]) }
        #expect(shard.texts(bob) == [])
        // One's own doing, from a session of one's own.
        completion(102, by: "alice", origin: .session(SessionID("mine")!))
        #expect(shard.texts(alice) == [])
        #expect(shard.texts(second) == ["c102"])
    }
}
