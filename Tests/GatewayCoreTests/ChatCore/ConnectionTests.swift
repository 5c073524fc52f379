import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct ConnectionTests {
    @Test func aKnownTokenOpensASessionWithGroupsAndFriends() throws {
        let world = World()
        world.user("alice", "bob")
        world.group("g", ["alice"])
        world.store.friends[u("alice")] = [u("bob")]
        let snapshot = try #require(world.connect("alice", 1)?.snapshot)
        #expect(snapshot.user.record.uid == u("alice"))
        #expect(snapshot.user.online)
        #expect(snapshot.groups == [g("g")])
        #expect(snapshot.friends == [u("bob")])
        #expect(snapshot.token == hash("token-alice"))
    }

    @Test func anUnknownTokenIsRefused401And4000() throws {
        let world = World()
        world.user("alice")
        let refusal = try #require(world.connect("alice", 1, token: "nope")?.refusal)
        #expect(refusal == (.authTokenNotFound, .unauthorized, .badCredential))
    }

    @Test func aTokenOfAnotherUserIsRefused401And4000() throws {
        let world = World()
        world.user("alice", "bob")
        world.token("bobs", of: "bob")
        let refusal = try #require(world.connect("alice", 1, token: "bobs")?.refusal)
        #expect(refusal == (.authTokenNotFound, .unauthorized, .badCredential))
    }

    @Test func anAppSignedUserWhoDoesNotExistIsRefused() throws {
        let world = World()
        let reply = world.ask(
            .connect(
                ConnectRequest(
                    connection: c(1), session: SessionID("s")!, uid: u("ghost"),
                    credential: .appSigned(u("ghost"), expiresAt: 9), deviceID: nil, platform: nil,
                    appState: .foreground, connectedAt: 0)), as: .connection(c(1)))
        #expect(try #require(reply?.refusal) == (.authTokenNotFound, .unauthorized, .badCredential))
    }

    @Test func anAppSignedCredentialCarriesItsEnd() {
        let world = World()
        world.user("alice")
        let reply = world.ask(
            .connect(
                ConnectRequest(
                    connection: c(1), session: SessionID("s")!, uid: u("alice"),
                    credential: .appSigned(u("alice"), expiresAt: 99), deviceID: nil, platform: nil,
                    appState: .foreground, connectedAt: 0)), as: .connection(c(1)))
        #expect(reply?.snapshot?.expiresAt == 99)
        #expect(reply?.snapshot?.token == nil)
    }

    @Test func aDeactivatedUserIsRefused403And4005() throws {
        let world = World()
        world.store.users[u("alice")] = UserRecord(uid: u("alice"), name: "A", createdAt: 1, deactivatedAt: 2)
        let refusal = try #require(world.connect("alice", 1)?.refusal)
        #expect(refusal == (.noAccess, .forbidden, .userGone))
    }

    @Test func aSessionIdHeldByAnotherUserIsRefused400And4003() throws {
        let world = World()
        world.user("alice", "bob")
        world.connect("alice", 1, session: "shared")
        let refusal = try #require(world.connect("bob", 2, session: "shared")?.refusal)
        #expect(refusal == (.badRequest, .malformed, .notAuthenticated))
        #expect(world.connect("alice", 3, session: "shared")?.snapshot != nil)
        world.disconnect(1)
        world.disconnect(3)
        #expect(world.connect("bob", 4, session: "shared")?.snapshot != nil)
    }

    @Test func connectionsPerUserAreLimitedWith429And4101() throws {
        var rules = CoreRules()
        rules.connectionsPerUser = 2
        let world = World(rules)
        world.user("alice")
        world.connect("alice", 1)
        world.connect("alice", 2)
        let refusal = try #require(world.connect("alice", 3)?.refusal)
        #expect(refusal == (.tooManyRequests, .tooMany, .connectionLimit))
        world.disconnect(1)
        #expect(world.connect("alice", 4)?.snapshot != nil)
    }

    @Test func aLimitOfZeroIsOff() {
        var rules = CoreRules()
        rules.connectionsPerUser = 0
        let world = World(rules)
        world.user("alice")
        for connection in 1...200 as ClosedRange<UInt64> {
            #expect(world.connect("alice", connection)?.snapshot != nil)
        }
    }

    @Test func aConnectionThatLeftWhileItsConnectWaitedIsNeverOnline() {
        let world = World()
        world.user("alice")
        world.answersLoads = false
        world.connect("alice", 1)
        world.disconnect(1)
        world.answersLoads = true
        world.pump()
        #expect(world.heard == [])
        #expect(world.core.counts.sessions == 0)
        #expect(world.decisions.count { $0.reply != nil } == 1)
    }

    @Test func aCommandFromAConnectionNobodyKnowsIsRefused() {
        let world = World()
        world.user("alice")
        #expect(world.failure(.appState(.background), as: .connection(c(9))) == .authTokenNotFound)
    }

    @Test func theBackendCutsAUserOrAnApp() {
        let world = World()
        world.user("alice")
        world.connect("alice", 1)
        world.forget()
        #expect(world.ask(.disconnectUser(u("alice"), nil))?.isDone == true)
        #expect(world.ask(.disconnectApp(rate: 5))?.isDone == true)
        #expect(world.failure(.disconnectUser(u("ghost"), nil)) == .uidNotFound)
        let projections = world.decisions.flatMap(\.projections)
        guard case .disconnect(u("alice"), nil, .disconnectedByBackend)? = projections.first,
            case .disconnectApp(rate: 5)? = projections.last
        else {
            Issue.record("\(projections)")
            return
        }
    }

    @Test func everyCommandWithCreditGivesItBackExactlyOnce() {
        let world = World()
        world.user("alice", "bob")
        world.group("g", ["alice"])
        world.connect("alice", 1)
        world.ask(.addMembers(g("g"), [MemberDraft(uid: u("bob"), scope: .participant)], bans: []))
        world.typing(1, group("g"), true)
        world.send(1, to: group("g"))
        world.send(1, to: user("ghost"))
        let asked = world.output.decisions.compactMap(\.reply).count
        #expect(world.output.decisions.count { $0.credit != .none } == asked)
    }
}

extension UserID {
    /// So that patterns in tests can name users.
    static func ~= (pattern: UserID, value: UserID) -> Bool { pattern == value }
}
