import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct UserTests {
    private func fields(_ name: String?) -> UserFields {
        var fields = UserFields()
        fields.name = name
        return fields
    }

    @Test func theAuthKeyMakesUsersAndTokensAndNothingElse() {
        let world = World()
        #expect(world.failure(.createUser(u("a"), fields("A"), withToken: nil), as: .authKey) == nil)
        #expect(world.store.users[u("a")]?.name == "A")
        #expect(world.failure(.updateUser(u("a"), fields("B")), as: .authKey) == nil)
        #expect(world.store.users[u("a")]?.name == "B")
        #expect(world.failure(.createToken(u("a"), hash("t")), as: .authKey) == nil)
        #expect(world.store.tokens[hash("t")]?.uid == u("a"))
        var revive = UserFields()
        revive.deactivated = false
        let refused: [Operation] = [
            .updateUser(u("a"), revive), .deleteUser(u("a"), permanent: true), .deleteTokens(u("a"), nil), .logout,
            .addFriends(u("a"), []), .createGroup(g("g"), GroupFields(), owner: u("a"), members: [], bans: []),
            .deleteGroup(g("g")), .disconnectUser(u("a"), nil), .disconnectApp(rate: 0), .presence([u("a")]),
            .onlineMembers(g("g")), .send(world.draft(to: user("a"))), .join(g("g"), passwordHash: nil), .leave(g("g")),
            .addMembers(g("g"), [], bans: []), .typing(receiver: user("a"), started: true, metadata: nil),
        ]
        for operation in refused { #expect(world.failure(operation, as: .authKey) == .noAccess, "\(operation)") }
    }

    @Test func aUsersOwnTokenAdministratesNobody() {
        let world = World()
        world.user("a")
        world.token("t", of: "a")
        let refused: [Operation] = [
            .createUser(u("b"), fields("B"), withToken: nil), .updateUser(u("a"), fields("B")),
            .deleteUser(u("a"), permanent: true), .createToken(u("a"), hash("x")), .deleteTokens(u("a"), nil),
            .addFriends(u("a"), []), .disconnectUser(u("a"), nil), .presence([u("a")]),
        ]
        for operation in refused { #expect(world.failure(operation, as: .token(hash("t"))) == .noAccess) }
    }

    @Test func usersChangeOfThemselvesWhatIsTheirs() {
        let world = World()
        world.user("a")
        world.token("t", of: "a")
        var wanted = fields("Better")
        wanted.statusMessage = "busy"
        wanted.role = "admin"
        wanted.credits = 1_000_000
        wanted.email = "a@example.com"
        wanted.deactivated = true
        #expect(world.failure(.updateSelf(wanted), as: .token(hash("t"))) == nil)
        let record = world.store.users[u("a")]
        #expect((record?.name, record?.statusMessage) == ("Better", "busy"))
        #expect((record?.role, record?.credits, record?.email) == ("default", nil, nil))
        #expect(record?.deactivatedAt == nil)
        #expect(world.failure(.updateSelf(wanted), as: .authKey) == .noAccess)
        #expect(world.failure(.updateSelf(wanted), as: .token(hash("unknown"))) == .authTokenNotFound)
    }

    @Test func creatingNeedsANameAndAFreeUid() {
        let world = World()
        #expect(world.failure(.createUser(u("a"), fields(nil), withToken: nil)) == .badRequest)
        #expect(world.failure(.createUser(u("app_system"), fields("x"), withToken: nil)) == .badRequest)
        #expect(world.failure(.createUser(u("a"), fields("A"), withToken: nil)) == nil)
        #expect(world.failure(.createUser(u("a"), fields("A"), withToken: nil)) == .uidAlreadyExists)
    }

    @Test func aUserMayBeMadeWithATokenThatWorksAtOnce() {
        let world = World()
        guard case .token(let token, let view)? = world.ask(.createUser(u("a"), fields("A"), withToken: hash("t")))
        else {
            Issue.record("no token")
            return
        }
        #expect(token.uid == u("a"))
        #expect(view.record.name == "A")
        #expect(world.connect("a", 1, token: "t")?.snapshot != nil)
    }

    @Test func anUpdateLeavesWhatIsNotNamed() {
        let world = World()
        var first = fields("A")
        first.role = "vip"
        first.tags = ["x"]
        world.ask(.createUser(u("a"), first, withToken: nil))
        var second = UserFields()
        second.avatar = "https://x"
        world.ask(.updateUser(u("a"), second))
        let record = world.store.users[u("a")]
        #expect(record?.name == "A")
        #expect(record?.role == "vip")
        #expect(record?.tags == ["x"])
        #expect(record?.avatar == "https://x")
        #expect(record?.updatedAt == world.wall)
        guard case .userChanged? = world.decisions.last?.projections.first else {
            Issue.record("the shards learn of it")
            return
        }
        #expect(world.failure(.updateUser(u("ghost"), second)) == .uidNotFound)
    }

    @Test func deactivationCutsConnectionsAndRefusesTokensUntilReactivation() {
        let world = World()
        world.user("a")
        world.connect("a", 1)
        world.forget()
        world.ask(.deleteUser(u("a"), permanent: false))
        guard case .disconnect(u("a"), token: nil, reason: .userGone)? = world.decisions.last?.projections.last else {
            Issue.record("live connections are closed 4005")
            return
        }
        world.disconnect(1)
        #expect(world.failure(.send(world.draft(to: user("a"))), as: .token(hash("token-a"))) == .noAccess)
        #expect(world.failure(.createToken(u("a"), hash("new"))) == .noAccess)
        #expect(world.connect("a", 2)?.refusal?.2 == .userGone)
        var revive = UserFields()
        revive.deactivated = false
        world.ask(.updateUser(u("a"), revive))
        #expect(world.connect("a", 3)?.snapshot != nil)
    }

    @Test func deletionVoidsTokensMembershipsAndFriends() {
        let world = World()
        world.user("a", "b")
        world.group("g", ["b", "a"])
        world.connect("a", 1)
        world.connect("b", 2)
        world.ask(.addFriends(u("a"), [u("b")]))
        world.forget()
        world.ask(.deleteUser(u("a"), permanent: true))
        world.disconnect(1)
        #expect(world.connect("a", 3)?.refusal?.2 == .badCredential)
        #expect(world.failure(.send(world.draft(to: user("a"))), as: .connection(c(2))) == .uidNotFound)
        let projections = world.decisions.flatMap(\.projections)
        #expect(projections.contains { if case .memberRemoved(g("g"), u("a")) = $0 { true } else { false } })
        // Made again, the user is empty, and the old token stays void.
        world.ask(.createUser(u("a"), fields("A"), withToken: hash("fresh")))
        #expect(world.connect("a", 4)?.refusal?.2 == .badCredential)
        let snapshot = world.connect("a", 5, token: "fresh")?.snapshot
        #expect(snapshot?.groups == [])
        #expect(snapshot?.friends == [])
    }

    @Test func aDeletedOwnersGroupBelongsToNobodyAndOnlyTheBackendDeletesIt() {
        let world = World()
        world.user("a", "b")
        world.group("g", ["a", "b"])
        world.ask(.deleteUser(u("a"), permanent: true))
        #expect(world.store.groups[g("g")]?.owner == u("app_system"))
        world.ask(.createUser(u("a"), fields("A"), withToken: nil))
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("a")))
        #expect(world.failure(.deleteGroup(g("g")), as: .backend(onBehalfOf: u("a"))) == .groupNoClearance)
        #expect(world.failure(.deleteGroup(g("g"))) == nil)
    }

    @Test func deletingATokenClosesItsConnections4001() {
        let world = World()
        world.user("a")
        world.connect("a", 1)
        world.token("other", of: "a")
        world.connect("a", 2, token: "other")
        world.forget()
        world.ask(.deleteTokens(u("a"), hash("other")))
        guard
            case .disconnect(u("a"), token: hash("other"), reason: .credentialRevoked)? =
                world.decisions.last?.projections.first
        else {
            Issue.record("closed 4001")
            return
        }
        #expect(world.store.tokens[hash("other")] == nil)
        #expect(world.connect("a", 3, token: "other")?.refusal?.2 == .badCredential)
        #expect(world.connect("a", 4)?.snapshot != nil)
    }

    @Test func aTokenOfAnotherUserIsNotDeleted() {
        let world = World()
        world.user("a", "b")
        world.token("bs", of: "b")
        #expect(world.failure(.deleteTokens(u("a"), hash("bs"))) == .authTokenNotFound)
        #expect(world.store.tokens[hash("bs")] != nil)
    }

    @Test func deletingAllTokensVoidsAlsoOneThatIsBeingRead() {
        let world = World()
        world.user("a", "b")
        world.token("t", of: "a")
        world.answersLoads = false
        world.commits = false
        // The token is asked for; the answer is on its way.
        let send = world.post(.send(world.draft(to: user("b"))), as: .token(hash("t")))
        world.post(.deleteTokens(u("a"), nil))
        let before = world.store.load(.token(World.app, hash("t")))
        world.core.loaded(.user(World.app, u("a")), world.store.load(.user(World.app, u("a"))), at: world.clock)
        world.core.loaded(.token(World.app, hash("t")), before, at: world.clock)
        world.answersLoads = true
        world.pump()
        // The deletion needed only the user: it was decided first, and the token read before counts no more.
        #expect(world.reply(to: send)?.failureCode == .authTokenNotFound)
    }

    @Test func friendsAreMutualAndIdempotent() {
        let world = World()
        world.user("a", "b", "c")
        guard case .friends(let results)? = world.ask(.addFriends(u("a"), [u("b"), u("ghost"), u("a"), u("b")])) else {
            Issue.record("no results")
            return
        }
        #expect(results.map { $0.failure?.code } == [nil, .uidNotFound, .badRequest, nil])
        #expect(world.store.friends[u("b")] == [u("a")])
        #expect(world.decisions.last?.changes.count == 1)
        world.ask(.removeFriends(u("b"), [u("a"), u("c")]))
        #expect(world.store.friends[u("a")] == [])
    }

    @Test func friendsPerUserAreLimitedOnBothSides() {
        var rules = CoreRules()
        rules.friendsPerUser = 1
        let world = World(rules)
        world.user("a", "b", "c")
        world.ask(.addFriends(u("a"), [u("b")]))
        guard case .friends(let results)? = world.ask(.addFriends(u("c"), [u("b")])) else { return }
        #expect(results.first?.failure?.code == .badRequest)
    }
}
