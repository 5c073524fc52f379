import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct ParkingTests {
    private func world(_ rules: CoreRules = CoreRules(), loads: Bool = false) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol", "dave")
        world.group("g", ["alice", "bob"])
        world.group("h", ["alice", "bob", "carol"])
        world.answersLoads = loads
        return world
    }

    private func load(_ world: World, _ key: EntityKey) {
        world.core.loaded(key, world.store.load(key), at: world.clock)
    }

    private func userKey(_ uid: String) -> EntityKey { .user(World.app, u(uid)) }
    private func groupKey(_ guid: String) -> EntityKey { .group(World.app, g(guid)) }

    @Test func anEntityIsAskedForOnceHoweverManyWait() {
        let world = world()
        for _ in 0..<5 { world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice"))) }
        #expect(Set(world.output.loads) == [userKey("alice"), groupKey("g")])
        #expect(world.output.loads.count == 2)
        #expect(world.core.counts.parkedCommands == 5)
        load(world, groupKey("g"))
        #expect(world.output.decisions.isEmpty)
        load(world, userKey("alice"))
        #expect(world.output.decisions.map(\.reply?.address.request) == [1, 2, 3, 4, 5])
    }

    @Test func commandsOnOneEntityAreDecidedInArrivalOrderEvenIfOneParks() {
        let world = world()
        // The first waits for bob; the second could go when alice and g are there, but shares g with it.
        world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("bob")))
        world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice")))
        world.post(.send(world.draft(to: group("h"))), as: .backend(onBehalfOf: u("carol")))
        load(world, groupKey("g"))
        load(world, userKey("alice"))
        #expect(world.output.decisions.isEmpty)
        // Other entities go on meanwhile.
        load(world, groupKey("h"))
        load(world, userKey("carol"))
        #expect(world.output.decisions.map(\.reply?.address.request) == [3])
        load(world, userKey("bob"))
        #expect(world.output.decisions.map(\.reply?.address.request) == [3, 1, 2])
    }

    @Test func aCommandThatFindsItNeedsMoreKeepsItsPlace() {
        let world = world()
        // Deleting carol turns out to need h; bob's send to h came later and waits for bob.
        let deletion = world.post(.deleteUser(u("carol"), permanent: true))
        let send = world.post(.send(world.draft(to: group("h"))), as: .backend(onBehalfOf: u("carol")))
        load(world, groupKey("h"))
        #expect(world.output.decisions.isEmpty)
        load(world, userKey("carol"))
        #expect(world.output.decisions.compactMap(\.reply?.address.request) == [deletion, send])
        #expect(world.reply(to: send)?.failureCode == .uidNotFound)
    }

    @Test func crossingCommandsDoNotWaitForEachOther() {
        let world = world()
        world.post(.deleteUser(u("carol"), permanent: true))
        world.post(
            .addMembers(g("h"), [MemberDraft(uid: u("dave"), scope: .participant)], bans: []),
            as: .backend(onBehalfOf: u("alice")))
        world.post(
            .addMembers(g("h"), [MemberDraft(uid: u("carol"), scope: .participant)], bans: []),
            as: .backend(onBehalfOf: u("alice")))
        world.answersLoads = true
        world.pump()
        #expect(world.core.counts.parkedCommands == 0)
        #expect(world.output.decisions.compactMap(\.reply?.address.request) == [1, 2, 3])
    }

    @Test func aLoadThatFailsRefusesWhatWaitsForItAndNothingElse() {
        let world = world()
        world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("bob")))
        world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice")))
        load(world, groupKey("g"))
        load(world, userKey("alice"))
        world.core.loaded(userKey("bob"), nil, at: world.clock)
        #expect(world.reply(to: 1)?.failureCode == .unavailable)
        #expect(world.reply(to: 2)?.messageID != nil)
        // It is asked for again by the next command.
        world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("bob")))
        #expect(world.output.loads.count { $0 == userKey("bob") } == 2)
    }

    @Test func pastTheBoundPerEntityCommandsAreRefusedRetryably() {
        var rules = CoreRules()
        rules.parkedPerEntityMax = 3
        let world = world(rules)
        for _ in 0..<4 { world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice"))) }
        guard case .failed(let failure)? = world.reply(to: 4) else {
            Issue.record("the fourth is refused")
            return
        }
        #expect(failure.code == .unavailable)
        #expect(failure.retryAfterMs > 0)
        #expect(world.core.counts.parkedCommands == 3)
    }

    @Test func pastTheBoundInAllEvenAConnectIsRefused() throws {
        var rules = CoreRules()
        rules.parkedMax = 2
        let world = world(rules)
        for uid in ["alice", "bob"] { world.post(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u(uid))) }
        let refusal = try #require(world.connect("carol", 9)?.refusal)
        #expect(refusal == (.unavailable, .tooMany, .overloaded))
        #expect(world.core.pendingConnects.isEmpty)
    }

    @Test func withoutReservedPositionsCommandsWaitInOrder() {
        let world = World(CoreRules(), reserves: false)
        world.user("alice", "bob")
        world.post(.send(world.draft(to: user("bob"))), as: .backend(onBehalfOf: u("alice")))
        world.post(.send(world.draft(to: user("alice"))), as: .backend(onBehalfOf: u("bob")))
        #expect(world.output.loads.isEmpty)
        #expect(world.output.reservations.map(\.through) == [20_100])
        world.pump()
        #expect(world.output.decisions.compactMap(\.reply?.address.request) == [1, 2])
        #expect(world.output.decisions.map(\.seq) == [101, 102])
    }

    @Test func aReservationThatFailsRefusesAndIsAskedForAgain() {
        let world = World(CoreRules(), reserves: false)
        world.user("alice", "bob")
        world.output.reservations = []
        world.post(.send(world.draft(to: user("bob"))), as: .backend(onBehalfOf: u("alice")))
        world.core.reserveFailed(World.app, at: world.clock)
        #expect(world.reply(to: 1)?.failureCode == .unavailable)
        world.core.tick(at: world.clock)
        #expect(world.output.reservations.map(\.through) == [20_100])
    }

    @Test func positionsAreReservedLongBeforeTheyRunOut() {
        let world = world(loads: true)
        let positions = { world.core.apps[World.app]!.positions }
        let draft = world.draft(to: group("g"))
        world.ask(.send(draft), as: .backend(onBehalfOf: u("bob")))
        for _ in 0..<12_000 {
            world.core.handle(
                Command(app: World.app, caller: .backend(onBehalfOf: u("bob")), operation: .send(draft)), credit: .none,
                at: world.clock)
            if positions().remaining < 9_000 { break }
        }
        #expect(positions().remaining > 8_000)
        #expect(world.output.reservations.first?.through == 40_100)
    }
}

@Suite struct EvictionTests {
    private func world() -> World {
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        let world = World(rules)
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        return world
    }

    @Test func everythingUnusedGoesWhenTheBudgetIsZero() {
        let world = world()
        world.ask(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("alice")))
        world.core.tick(at: world.clock)
        #expect(world.core.counts.cachedEntities == 0)
        #expect(world.core.counts.cachedBytes == 0)
        let app = world.core.apps[World.app]!
        #expect(app.users.count == 0)
        #expect(app.groups.count == 0)
    }

    @Test func whatIsNotCommittedIsNeverEvicted() {
        let world = world()
        world.commits = false
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("carol")))
        world.core.tick(at: world.clock)
        let app = world.core.apps[World.app]!
        #expect(app.groups.entity(of: g("g"))?.members.count == 3)
        #expect(app.users.entity(of: u("carol")) != nil)
        world.commits = true
        world.pump()
        world.core.tick(at: world.clock)
        #expect(world.core.counts.cachedEntities == 0)
    }

    @Test func aTombstoneStaysWhileAReadFromBeforeItIsUnderWay() {
        let world = world()
        world.answersLoads = false
        // bob is being read, with his membership, while the group is deleted and the deletion committed.
        world.post(.connect(request(1, "bob")), as: .connection(c(1)))
        let before = world.store.load(.user(World.app, u("bob")))
        world.post(.deleteGroup(g("g")))
        world.core.loaded(.group(World.app, g("g")), world.store.load(.group(World.app, g("g"))), at: world.clock)
        world.core.loaded(.user(World.app, u("alice")), world.store.load(.user(World.app, u("alice"))), at: world.clock)
        world.commit()
        world.core.tick(at: world.clock)
        world.core.loaded(.user(World.app, u("bob")), before, at: world.clock)
        #expect(world.reply(to: 1)?.snapshot?.groups == [])
    }

    private func request(_ connection: UInt64, _ uid: String) -> ConnectRequest {
        ConnectRequest(
            connection: c(connection), session: SessionID("s\(connection)")!, uid: u(uid),
            credential: .appSigned(u(uid), expiresAt: 0), deviceID: nil, platform: nil, appState: .foreground,
            connectedAt: 0)
    }
}

@Suite struct FailureTests {
    private func world() -> World {
        let world = World()
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        world.connect("alice", 1)
        return world
    }

    @Test func aFailedTransactionTakesItsDecisionsBackAndKeepsSessions() {
        let world = world()
        world.commits = false
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("carol")))
        #expect(world.core.apps[World.app]?.groups.entity(of: g("g"))?.members.count == 3)
        world.fail()
        #expect(world.output.recoveries == 1)
        #expect(world.core.counts.cachedEntities == 0)
        #expect(world.core.counts.sessions == 1)
        #expect(world.presence.isOnline(World.app, u("alice")))
        world.commits = true
        #expect(world.failure(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("carol"))) == .notAMember)
        #expect(world.send(1, to: group("g"))?.messageID != nil)
    }

    @Test func positionsAreNotHandedOutAgain() throws {
        let world = world()
        let first = try #require(world.send(1, to: group("g"))?.messageID)
        world.fail()
        #expect(try #require(world.send(1, to: group("g"))?.messageID) > first)
    }

    @Test func aTokenDeletionThatFailedLeavesItsSessionsInTrust() {
        let world = world()
        world.commits = false
        world.ask(.deleteTokens(u("alice"), hash("token-alice")))
        #expect(world.send(1, to: group("g"))?.failureCode == .authTokenNotFound)
        world.fail()
        world.commits = true
        #expect(world.send(1, to: group("g"))?.messageID != nil)
    }

    @Test func whatWasParkedIsLoadedAnewAndDecided() {
        let world = world()
        world.answersLoads = false
        let request = world.post(.send(world.draft(to: user("carol"))), as: .backend(onBehalfOf: u("alice")))
        #expect(world.output.loads.last == .user(World.app, u("carol")))
        world.core.failed(from: world.core.decided + 1)
        // carol's read is void, alice was dropped: both are asked for.
        world.answersLoads = true
        world.pump()
        #expect(world.reply(to: request)?.messageID != nil)
        #expect(world.output.loads.count { $0 == .user(World.app, u("carol")) } == 2)
    }
}
