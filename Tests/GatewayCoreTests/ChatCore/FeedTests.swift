import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// What the feed is told of connections, and when.
@Suite struct FeedTests {
    private func world(graceMs: Int64 = 15_000) -> World {
        var rules = CoreRules()
        rules.presenceGraceMs = graceMs
        let world = World(rules)
        world.user("alice", "bob")
        return world
    }

    @Test func everyConnectionIsToldAndTheUserOnce() {
        let world = world()
        world.connect("alice", 1)
        world.connect("alice", 2)
        world.disconnect(1, code: 4203)
        world.disconnect(2, code: 1000)
        world.advance(seconds: 15)
        #expect(
            world.store.feed == [
                "connected alice s1", "online alice", "connected alice s2", "disconnected alice s1 4203",
                "disconnected alice s2 1000", "offline alice",
            ])
    }

    @Test func aReturnWithinTheGraceIsNoOnline() {
        let world = world()
        world.connect("alice", 1)
        world.disconnect(1)
        world.advance(seconds: 14)
        world.connect("alice", 2)
        world.advance(seconds: 60)
        #expect(
            world.store.feed == [
                "connected alice s1", "online alice", "disconnected alice s1 1006", "connected alice s2",
            ])
    }

    @Test func withoutGraceOfflineFollowsTheDisconnect() {
        let world = world(graceMs: 0)
        world.connect("alice", 1)
        world.disconnect(1, code: 4202)
        #expect(world.store.feed.suffix(2) == ["disconnected alice s1 4202", "offline alice"])
    }

    @Test func aRefusedConnectIsNoEvent() {
        let world = world()
        world.connect("alice", 1, token: "nope")
        world.disconnect(1, code: 4000)
        #expect(world.store.feed.isEmpty)
    }

    @Test func aDeletedUserGoesOfflineInTheFeedToo() {
        let world = world()
        world.connect("alice", 1)
        world.ask(.deleteUser(u("alice"), permanent: true))
        world.disconnect(1, code: 4005)
        #expect(world.store.feed.suffix(2) == ["disconnected alice s1 4005", "offline alice"])
        #expect(world.store.users[u("alice")] == nil)
        #expect(world.store.lastActive[u("alice")] == nil)
    }

    @Test func connectionEventsHaveATimeAndNoPosition() {
        let world = world(graceMs: 0)
        world.connect("alice", 1)
        world.advance(seconds: 9)
        world.disconnect(1)
        let told = world.output.decisions.flatMap { decision in
            decision.changes.compactMap { change -> (Int64, Int64)? in
                if case .connection(let event) = change { (decision.seq, event.at) } else { nil }
            }
        }
        #expect(told.map(\.0) == [0, 0, 0, 0])
        #expect(told.map(\.1) == [world.wall - 9, world.wall - 9, world.wall, world.wall])
    }

    // MARK: Failures

    @Test func whatAFailedTransactionLostIsToldAgainInOrder() {
        let world = world()
        world.connect("alice", 1)
        world.commits = false
        world.disconnect(1, code: 4203)
        world.connect("bob", 2)
        world.advance(seconds: 15)
        world.commits = true
        world.fail()
        #expect(
            world.store.feed == [
                "connected alice s1", "online alice", "disconnected alice s1 4203", "connected bob s2", "online bob",
                "offline alice",
            ])
    }

    @Test func itIsToldAgainUntilItIsOnDisk() {
        let world = world()
        world.commits = false
        world.connect("alice", 1)
        world.fail()
        world.fail()
        #expect(world.store.feed.isEmpty)
        world.commits = true
        world.pump()
        #expect(world.store.feed == ["connected alice s1", "online alice"])
        world.core.failed(from: world.core.decided + 1)
        world.pump()
        #expect(world.store.feed.count == 2, "what is on disk is not told again")
    }

    @Test func manyLostEventsAreToldInSeveralDecisions() {
        let world = world()
        world.commits = false
        for connection in 1...50 { world.connect("alice", UInt64(connection)) }
        for connection in 1...50 { world.disconnect(UInt64(connection)) }
        for _ in 0..<5 {
            for connection in 1...30 {
                world.connect("bob", UInt64(connection))
                world.disconnect(UInt64(connection))
            }
        }
        world.commits = true
        world.fail()
        #expect(world.store.feed.count == 50 * 2 + 1 + 5 * 30 * 2 + 1)
        #expect(world.output.decisions.map(\.changes.count).max() == 256)
    }
}

@Suite struct ConnectionJournalTests {
    private let app = AppNumber(1)

    private func event(_ number: Int64) -> ConnectionEvent { ConnectionEvent(kind: .online, uid: u("a"), at: number) }

    @Test func settledEventsAreForgotten() {
        var journal = ConnectionJournal()
        for number in 1...4 { journal.append(event(Int64(number)), of: app, decision: UInt64(number)) }
        journal.settle(through: 2)
        #expect(journal.count == 2)
        #expect(journal.take(from: 4).map(\.event.at) == [4])
        #expect(journal.count == 0)
    }

    @Test func pastTheBoundTheOldestAreLostAndCounted() {
        var journal = ConnectionJournal(eventsMax: 3)
        for number in 1...5 { journal.append(event(Int64(number)), of: app, decision: UInt64(number)) }
        #expect(journal.lost == 2)
        #expect(journal.take(from: 0).map(\.event.at) == [3, 4, 5])
    }
}
