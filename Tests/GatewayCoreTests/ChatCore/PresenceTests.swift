import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct PresenceTests {
    private func world(graceMs: Int64 = 15_000) -> World {
        var rules = CoreRules()
        rules.presenceGraceMs = graceMs
        let world = World(rules)
        world.user("alice", "bob")
        return world
    }

    @Test func onlyTheFirstConnectionIsAnnounced() {
        let world = world()
        world.connect("alice", 1)
        world.connect("alice", 2)
        #expect(world.heard == ["online alice"])
        #expect(world.presence.isOnline(World.app, u("alice")))
        guard case .connection(c(1), _)? = world.events.first?.origin else {
            Issue.record("an online event carries its session")
            return
        }
    }

    @Test func offlineFollowsTheLastConnectionAfterTheGrace() {
        let world = world()
        world.connect("alice", 1)
        world.connect("alice", 2)
        world.disconnect(1)
        world.advance(seconds: 20)
        #expect(world.heard == ["online alice"])
        world.disconnect(2)
        world.advance(seconds: 14)
        #expect(world.heard == ["online alice"])
        #expect(world.presence.isOnline(World.app, u("alice")))
        world.advance(seconds: 1)
        #expect(world.heard == ["online alice", "offline alice"])
        #expect(!world.presence.isOnline(World.app, u("alice")))
        #expect(world.events.last?.origin == nil)
        #expect(world.core.nextDeadlineMs == nil)
    }

    @Test func aReturnWithinTheGraceMakesNoEvent() {
        let world = world()
        world.connect("alice", 1)
        world.disconnect(1)
        world.advance(seconds: 10)
        world.connect("alice", 2)
        world.advance(seconds: 60)
        #expect(world.heard == ["online alice"])
    }

    @Test func noGraceMeansAtOnce() {
        let world = world(graceMs: 0)
        world.connect("alice", 1)
        world.disconnect(1)
        #expect(world.heard == ["online alice", "offline alice"])
    }

    @Test func lastActiveIsWrittenWhenTheUserGoesOffline() {
        let world = world()
        world.connect("alice", 1)
        world.advance(seconds: 100)
        world.disconnect(1)
        let left = world.wall
        world.advance(seconds: 15)
        #expect(world.store.lastActive[u("alice")] == left)
    }

    @Test func logoutOfTheLastDeviceIsOfflineAtOnce() {
        let world = world()
        world.connect("alice", 1)
        world.forget()
        #expect(world.ask(.logout, as: .token(hash("token-alice")))?.isDone == true)
        guard
            case .disconnect(u("alice"), token: hash("token-alice"), reason: .credentialRevoked)? =
                world.decisions.last?.projections.first
        else {
            Issue.record("the connections of the token are closed 4001")
            return
        }
        world.disconnect(1)
        #expect(world.heard == ["offline alice"])
    }

    @Test func logoutAfterTheSocketClosedEndsTheGraceAtOnce() {
        let world = world()
        world.connect("alice", 1)
        world.disconnect(1)
        world.forget()
        world.ask(.logout, as: .token(hash("token-alice")))
        #expect(world.heard == ["offline alice"])
        world.advance(seconds: 60)
        #expect(world.heard == ["offline alice"])
    }

    @Test func logoutOfOneOfTwoDevicesKeepsTheUserOnline() {
        let world = world()
        world.token("phone", of: "alice")
        world.connect("alice", 1)
        world.connect("alice", 2, token: "phone")
        world.forget()
        world.ask(.logout, as: .token(hash("phone")))
        world.disconnect(2)
        world.advance(seconds: 60)
        #expect(world.heard == [])
    }

    @Test func aDeletedUserIsOfflineAtOnceAndLeavesNoLastActive() {
        let world = world()
        world.connect("alice", 1)
        world.forget()
        #expect(world.ask(.deleteUser(u("alice"), permanent: true))?.isDone == true)
        world.disconnect(1)
        #expect(world.heard == ["offline alice"])
        #expect(world.store.lastActive[u("alice")] == nil)
    }

    @Test func aDeactivatedUserIsOfflineAtOnce() {
        let world = world()
        world.connect("alice", 1)
        world.forget()
        #expect(world.ask(.deleteUser(u("alice"), permanent: false))?.isDone == true)
        world.disconnect(1)
        #expect(world.heard == ["offline alice"])
    }

    @Test func theBackendSeesWhoIsOnlineAndWithWhat() {
        let world = world()
        world.group("g", ["alice", "bob"])
        world.connect("alice", 1)
        world.store.lastActive[u("bob")] = 77
        guard case .presence(let all)? = world.ask(.presence([u("alice"), u("bob"), u("ghost")])),
            case .presence(let members)? = world.ask(.onlineMembers(g("g")))
        else {
            Issue.record("no answer")
            return
        }
        #expect(all.map(\.uid) == [u("alice"), u("bob")])
        #expect(all.map(\.online) == [true, false])
        #expect(all[1].lastActiveAt == 77)
        #expect(all[0].connections.map(\.session.text) == ["s1"])
        #expect(all[0].connections.first?.platform == "javascript")
        #expect(members.map(\.uid) == [u("alice")])
    }

    @Test func theTableListsExactlyWhoIsOnlineInTheApp() {
        let table = PresenceTable()
        for index in 0..<500 { table.set(AppNumber(1), u("u\(index)"), lastActiveAt: Int64(index)) }
        table.set(AppNumber(2), u("other"), lastActiveAt: 1)
        table.set(AppNumber(1), u("u0"), lastActiveAt: nil)
        #expect(table.onlineCount(AppNumber(1)) == 499)
        #expect(Set(table.onlineUsers(AppNumber(1))).count == 499)
        #expect(table.lastActive(AppNumber(1), u("u7")) == LastActive(isOnline: true, at: 7))
        #expect(!table.isOnline(AppNumber(1), u("other")))
    }

    @Test func theTableKeepsWhoHasJustLeftUntilTheStoreIsSureToKnow() {
        let (table, app, user) = (PresenceTable(), AppNumber(1), u("alice"))
        table.set(app, user, lastActiveAt: 5)
        table.leave(app, user, lastActiveAt: 9)
        #expect(table.lastActive(app, user) == LastActive(isOnline: false, at: 9))
        #expect(!table.isOnline(app, user) && table.onlineCount(app) == 0 && table.onlineUsers(app).isEmpty)
        table.set(app, user, lastActiveAt: 11)
        table.settle(app, user)
        #expect(table.isOnline(app, user), "who came back is online all the same")
        table.leave(app, user, lastActiveAt: 12)
        table.settle(app, user)
        #expect(table.lastActive(app, user) == nil)
    }

    @Test func rightAfterOfflineTheTimeIsKnownThoughItsCommitIsLate() {
        let world = world(graceMs: 0)
        world.connect("alice", 1)
        world.commits = false
        world.wall += 100
        world.disconnect(1)
        let seen = LastActive(isOnline: false, at: world.wall)
        #expect(world.presence.lastActive(World.app, u("alice")) == seen)
        for _ in 0..<5 { world.advance(seconds: 3) }
        #expect(world.presence.lastActive(World.app, u("alice")) == seen, "it is not committed yet")
        world.commit()
        world.advance(seconds: 1)
        #expect(world.presence.lastActive(World.app, u("alice")) == seen, "a reader may have seen the store before")
        for _ in 0..<2 { world.advance(seconds: 3) }
        #expect(world.presence.lastActive(World.app, u("alice")) == nil)
        #expect(world.store.lastActive[u("alice")] == seen.at)
        #expect(world.core.departures.count == 0)
    }

    @Test func aRoleThatChangesWhileOnlineIsThatOfTheNextEvents() {
        let world = world(graceMs: 0)
        world.connect("alice", 1)
        var fields = UserFields()
        fields.role = "vip"
        world.ask(.updateUser(u("alice"), fields))
        world.forget()
        world.disconnect(1)
        #expect(world.events.map(\.user.record.role) == ["vip"])
    }

    @Test func onlineMembersAreCountedForWhoMayKnowOfTheGroup() {
        let world = world()
        world.user("carol")
        world.group("open", ["alice", "bob", "carol"])
        world.group("secret", ["alice", "bob"], .secret)
        world.connect("alice", 1)
        world.connect("bob", 2)
        func counts(_ caller: Caller = .backend(onBehalfOf: nil)) -> [GroupID: Int]? {
            let asked = Operation.countOnline([g("open"), g("secret"), g("none")])
            if case .onlineCounts(let counts)? = world.ask(asked, as: caller) { return counts } else { return nil }
        }
        #expect(counts() == [g("open"): 2, g("secret"): 2])
        #expect(counts(.connection(c(1))) == [g("open"): 2, g("secret"): 2])
        #expect(counts(.backend(onBehalfOf: u("carol"))) == [g("open"): 2])
        #expect(counts(.authKey) == nil)
        world.connect("carol", 3)
        #expect(counts() == [g("open"): 3, g("secret"): 2])
        world.ask(.leave(g("open")), as: .backend(onBehalfOf: u("carol")))
        #expect(counts() == [g("open"): 2, g("secret"): 2])
    }

    @Test func aLargeGroupIsCountedOnceASecond() {
        let world = world(graceMs: 0)
        let members = (0...OnlineCount.largeMembers).map { "m\($0)" }
        for uid in members { world.user(uid) }
        world.group("g", members)
        func count() -> Int? {
            if case .onlineCounts(let counts)? = world.ask(.countOnline([g("g")])) { counts[g("g")] } else { nil }
        }
        world.connect("m0", 1)
        #expect(count() == 1)
        world.connect("m1", 2)
        #expect(count() == 1)
        world.advance(seconds: 1)
        #expect(count() == 2)
        world.ask(.leave(g("g")), as: .backend(onBehalfOf: u("m1")))
        #expect(count() == 1, "members are counted exactly")
    }
}

extension TokenHash {
    static func ~= (pattern: TokenHash, value: TokenHash) -> Bool { pattern == value }
}
