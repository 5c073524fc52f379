import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §3.3, §4 and §6.3; the journal and its budget.
@Suite struct ShardPresenceTests {
    let shard = ShardHarness()

    @Test func withoutASubscriptionNothingComes() {
        let bob = shard.connect("bob")
        shard.presence("alice", online: true)
        shard.pass(1_000)
        #expect(shard.read(bob).isEmpty)
        #expect(shard.core.tables.apps[0].journal.count == 0)
    }

    @Test func allUsersHearsOfEverybodyButThemself() {
        let bob = subscribe("bob", "ALL_USERS")
        shard.presence("alice", online: true)
        shard.presence("bob", online: true)
        shard.pass(200)
        #expect(shard.texts(bob) == ["alice online"])
        shard.pass(1_000)
        #expect(shard.core.tables.apps[0].journal.count == 0, "what all have read is forgotten")
    }

    @Test func whatHappenedBeforeTheSubscriptionIsNotSent() {
        subscribe("early", "ALL_USERS")
        shard.presence("alice", online: true)
        let bob = subscribe("bob", "ALL_USERS")
        shard.pass(200)
        #expect(shard.read(bob).isEmpty)
    }

    @Test func allUsersGetsAtMostItsBudgetAndEachUsersLatestStateOnce() {
        let shard = ShardHarness { $0.presencePerSecond = 20 }
        let bob = subscribe("bob", "ALL_USERS", shard)
        for round in [true, false, true] {
            for number in 0..<50 { shard.presence("u\(number)", online: round) }
        }
        var seen: [String] = []
        shard.pass(1_000)
        seen += shard.texts(bob)
        #expect((18...20).contains(seen.count))
        shard.pass(2_000)
        seen += shard.texts(bob)
        #expect(seen.count == 50)
        #expect(Set(seen).count == 50 && seen.allSatisfy { $0.hasSuffix("online") })
    }

    @Test func friendsHearOfTheirFriendsAtOnce() {
        let bob = shard.connect("bob", friends: ["alice"], body: #","presenceSubscription":"FRIENDS""#)
        let plain = shard.connect("bob", friends: ["alice"])
        shard.presence("alice", online: true)
        shard.presence("carol", online: true)
        #expect(shard.texts(bob) == ["alice online"])
        #expect(shard.texts(plain) == [])
    }

    @Test func friendshipsChangeAtTheirPlaceInTheWalk() {
        let bob = shard.connect("bob", body: #","presenceSubscription":"FRIENDS""#)
        shard.presence("alice", online: true)
        shard.walk([(.friendship(UserID("alice")!, UserID("bob")!, exists: true), nil)])
        shard.presence("alice", online: false)
        shard.walk([(.friendship(UserID("bob")!, UserID("alice")!, exists: false), nil)])
        shard.presence("alice", online: true)
        #expect(shard.texts(bob) == ["alice offline"])
        shard.core.closed(bob)
        #expect(shard.core.tables.apps[0].friends.count == 0)
    }

    @Test func rolesHearOfUsersOfThoseRolesButNotOfThemselves() {
        let bob = shard.connect(
            "bob", body: #","presenceSubscription":"ROLES","roles":["vip","staff"]"#)
        shard.presence("alice", online: true, role: "vip")
        shard.presence("carol", online: true, role: "default")
        shard.presence("dave", online: false, role: "staff")
        shard.presence("bob", online: true, role: "vip")
        #expect(shard.texts(bob) == ["alice online", "dave offline"])
        shard.core.closed(bob)
        #expect(shard.core.tables.apps[0].roles.count == 0)
    }

    @Test func rolesWithoutRolesAreServedAsAllUsers() {
        let bob = subscribe("bob", "ROLES")
        shard.presence("alice", online: true, role: "anything")
        shard.pass(200)
        #expect(shard.texts(bob) == ["alice online"])
    }

    @Test func pastTheSoftLimitFriendsPresenceIsCoalescedAndTheLatestStateKept() {
        let bob = shard.connect("bob", friends: ["alice", "carol"], body: #","presenceSubscription":"FRIENDS""#)
        let text = String(repeating: "x", count: 100_000)
        for seq in 101...103 { shard.message(Int64(seq), from: "dave", to: .to("bob"), text: text) }
        shard.presence("alice", online: true)
        shard.presence("carol", online: true)
        shard.presence("alice", online: false)
        let texts = shard.texts(bob)
        #expect(Array(texts.suffix(2)) == ["alice offline", "carol online"])
        #expect(texts.count == 5)
        shard.presence("carol", online: false)
        #expect(shard.texts(bob) == ["carol offline"])
    }

    @Test func pastTheSoftLimitAllUsersWaitsWithItsCursor() {
        let bob = subscribe("bob", "ALL_USERS")
        let text = String(repeating: "x", count: 100_000)
        for seq in 101...103 { shard.message(Int64(seq), from: "dave", to: .to("bob"), text: text) }
        shard.presence("alice", online: true)
        shard.pass(500)
        shard.presence("alice", online: false)
        #expect(shard.texts(bob).count == 3)
        shard.pass(500)
        #expect(shard.texts(bob) == ["alice offline"])
    }

    @Test(arguments: ["FRIENDS", "ALL_USERS"])
    func inBackgroundPresenceIsCoalescedAndComesWithTheNextPing(subscription: String) {
        let bob = shard.connect(
            "bob", friends: ["alice"],
            body: #","presenceSubscription":"\#(subscription)","connectionMode":"manual""#)
        shard.text(bob, Frames.appState("background"))
        for state in [true, false, true] {
            shard.presence("alice", online: state)
            shard.pass(1_000)
        }
        #expect(shard.read(bob).isEmpty)
        shard.text(bob, Frames.ping)
        #expect(shard.texts(bob).dropFirst() == ["alice online"])
        shard.presence("alice", online: false)
        shard.text(bob, Frames.appState("foreground"))
        #expect(shard.texts(bob) == ["alice offline"])
    }

    @Test func subscriptionsEndWithTheirConnections() {
        let connections = (0..<5).map { subscribe("u\($0)", "ALL_USERS") }
        for index in [0, 4, 2] { shard.core.closed(connections[index]) }
        shard.presence("alice", online: true)
        shard.pass(200)
        #expect(shard.texts(connections[1]) == ["alice online"])
        #expect(shard.texts(connections[3]) == ["alice online"])
        shard.core.closed(connections[1])
        shard.core.closed(connections[3])
        #expect(shard.core.tables.apps[0].subscribers.isEmpty)
    }

    @discardableResult
    private func subscribe(_ uid: String, _ subscription: String, _ other: ShardHarness? = nil) -> ConnectionReference {
        (other ?? shard).connect(uid, body: #","presenceSubscription":"\#(subscription)""#)
    }
}
