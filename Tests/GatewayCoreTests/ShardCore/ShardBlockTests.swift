import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §6.3: presence and typing of a blocked pair, in either direction, however it is followed.
@Suite struct ShardBlockTests {
    let shard = ShardHarness { $0.presencePerSecond = 1_000 }

    enum Subscription: String, CaseIterable {
        case everybody = #","presenceSubscription":"ALL_USERS""#
        case friends = #","presenceSubscription":"FRIENDS""#
        case roles = #","presenceSubscription":"ROLES","roles":["default"]"#
    }

    @discardableResult
    private func connect(
        _ uid: String, _ subscription: Subscription, blocked: [String] = [], manual: Bool = false
    ) -> ConnectionReference {
        shard.connect(
            uid, groups: ["lobby"], friends: ["alice", "bob", "carol"], blocked: blocked,
            body: subscription.rawValue + (manual ? #","connectionMode":"manual""# : ""))
    }

    private func block(_ one: String, _ other: String, _ isBlocked: Bool = true) {
        shard.walk([(.blocked(UserID(one)!, UserID(other)!, isBlocked: isBlocked), nil)])
    }

    private func hear(_ connection: ConnectionReference) -> [String] {
        shard.pass(200)
        return shard.texts(connection).sorted()
    }

    @Test(arguments: Subscription.allCases)
    func aPairBlockedBeforeItConnectsHearsNothingOfEachOther(subscription: Subscription) {
        let alice = connect("alice", subscription, blocked: ["bob"])
        let bob = connect("bob", subscription, blocked: ["alice"])
        let carol = connect("carol", subscription)
        for uid in ["alice", "bob", "carol"] { shard.presence(uid, online: true) }
        #expect(hear(alice) == ["carol online"])
        #expect(hear(bob) == ["carol online"])
        #expect(hear(carol) == ["alice online", "bob online"])
    }

    @Test(arguments: Subscription.allCases)
    func blocksBeginAndEndAtTheirPlaceInTheWalk(subscription: Subscription) {
        let alice = connect("alice", subscription)
        let bob = connect("bob", subscription)
        shard.presence("alice", online: true)
        #expect(hear(bob) == ["alice online"])
        block("alice", "bob")
        shard.presence("alice", online: false)
        shard.presence("bob", online: true)
        #expect(hear(bob) == [])
        #expect(hear(alice) == [])
        block("bob", "alice", false)
        #expect(hear(bob) == [], "what changed meanwhile is told by REST only")
        shard.presence("alice", online: true)
        #expect(hear(bob) == ["alice online"])
    }

    @Test(arguments: Subscription.allCases)
    func whatWaitedInBackgroundIsNotSentWhenABlockHasBegun(subscription: Subscription) {
        let bob = connect("bob", subscription, manual: true)
        shard.text(bob, Frames.appState("background"))
        shard.presence("alice", online: true)
        shard.presence("carol", online: true)
        block("bob", "alice")
        shard.text(bob, Frames.appState("foreground"))
        #expect(hear(bob) == ["carol online"])
    }

    @Test func allOfAUsersConnectionsAreConcernedAndTheTableIsEmptyWhenTheyAreGone() {
        let first = connect("bob", .everybody, blocked: ["alice"])
        let second = connect("bob", .friends, blocked: ["alice"])
        shard.presence("alice", online: true)
        #expect(hear(first) == [] && hear(second) == [])
        shard.core.closed(first)
        shard.presence("alice", online: false)
        #expect(hear(second) == [])
        shard.core.closed(second)
        #expect(shard.core.tables.apps[0].blocked.count == 0)
        #expect(shard.core.tables.apps[0].blocked.selfCheck() == nil)
    }

    @Test func aBlockOfWhoIsNotHereCostsNothingHere() {
        connect("carol", .everybody)
        block("alice", "bob")
        #expect(shard.core.tables.apps[0].blocked.count == 0)
    }

    @Test func typingInASharedGroupIsKeptFromThePairAndNobodyElse() {
        let alice = connect("alice", .everybody, blocked: ["bob"])
        let bob = connect("bob", .everybody, blocked: ["alice"])
        let carol = connect("carol", .everybody)
        for started in [true, false] {
            shard.typing("alice", to: .into("lobby"), started: started)
            shard.typing("bob", to: .into("lobby"), started: started)
        }
        #expect(hear(alice) == [])
        #expect(hear(bob) == [])
        #expect(hear(carol) == ["alice stops", "alice types", "bob stops", "bob types"])
    }

    @Test func messagesAndTransientEventsInGroupsAreDeliveredAsToEveryone() {
        let bob = connect("bob", .everybody, blocked: ["alice"])
        shard.message(101, from: "alice", to: .into("lobby"))
        shard.transient("alice", to: .into("lobby"))
        #expect(hear(bob) == ["alice says", "m101"])
    }

    @Test func anEndMeantForOneReachesThatOneThoughBlocked() {
        let bob = connect("bob", .everybody, blocked: ["alice"])
        let carol = connect("carol", .everybody)
        shard.typing("alice", to: .into("lobby"), started: false, onlyTo: "bob")
        #expect(hear(bob) == ["alice stops"])
        #expect(hear(carol) == [])
    }

    @Test(arguments: Subscription.allCases)
    func aUidThatIsMadeAgainStartsWithoutBlocksAndFriends(subscription: Subscription) {
        let bob = connect("bob", subscription, blocked: ["alice"])
        shard.walk([(.userForgotten(UserID("alice")!), nil)])
        shard.presence("alice", online: true)
        #expect(hear(bob) == (subscription == .friends ? [] : ["alice online"]))
    }
}
