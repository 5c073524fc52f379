import ChatModel
import EventLog
import Testing

@Suite struct EntityContractTests {
    private func loadUser(_ bench: Bench, _ id: String) throws -> LoadedUser {
        guard case .user(let loaded) = try bench.store.load(.user(bench.app, uid(id))) else { throw Unexpected() }
        return loaded
    }

    private func loadGroup(_ bench: Bench, _ id: String) throws -> LoadedGroup {
        guard case .group(let loaded) = try bench.store.load(.group(bench.app, guid(id))) else { throw Unexpected() }
        return loaded
    }

    private func loadPair(_ bench: Bench, _ one: String, _ other: String) throws -> LoadedConversation {
        guard case .pair(let loaded) = try bench.store.load(.pair(bench.app, first: uid(one), second: uid(other)))
        else { throw Unexpected() }
        return loaded
    }

    @Test(arguments: Backing.allCases) func aUserIsReadBackWhole(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let record = UserRecord(
            uid: uid("alice"), name: "Ålice", avatar: "a", link: "l", role: "vip", metadata: json(#"{"k":[1]}"#),
            statusMessage: "hi", tags: ["x", "y"], email: "e", credits: -3, createdAt: 1, updatedAt: 2,
            deactivatedAt: 3)
        try bench.commit(0, .user(record))
        let stored = try #require(try bench.store.user(bench.app, uid("alice")))
        #expect(canonical(stored.record) == canonical(record))
        #expect(stored.lastActiveAt == nil)
    }

    @Test(arguments: Backing.allCases) func anUpdateKeepsWhenTheUserWasActive(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(0, .user(user("alice")), .lastActive(uid("alice"), at: 77), .lastActive(uid("bob"), at: 5))
        try bench.commit(0, .user(user("alice", "New")), .user(user("bob")))
        #expect(try loadUser(bench, "alice").lastActiveAt == 77)
        #expect(try loadUser(bench, "alice").record?.name == "New")
        #expect(try loadUser(bench, "bob").lastActiveAt == nil)
    }

    @Test(arguments: Backing.allCases) func aDeletedUserLosesAllButMessages(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            1, .user(user("alice")), .user(user("bob")), .lastActive(uid("alice"), at: 5),
            .token(token(1, of: "alice")), .friendship(uid("alice"), uid("bob"), exists: true), .group(group("g")),
            .memberAdded(member("g", "alice", at: 1)), .memberAdded(member("g", "bob", at: 1)))
        try bench.send(message(2, "alice", toUser("bob")), message(3, "bob", toGroup("g")))
        try bench.commit(4, .userDeleted(uid("alice")))
        let alice = try loadUser(bench, "alice")
        #expect(alice.record == nil && alice.memberships.isEmpty && alice.friends.isEmpty)
        #expect(alice.lastActiveAt == nil)
        #expect(try loadUser(bench, "bob").friends.isEmpty)
        #expect(try bench.store.token(bench.app, token(1, of: "alice").hash) == nil)
        #expect(try bench.store.group(bench.app, guid("g"), viewer: nil)?.membersCount == 1)
        #expect(try bench.store.message(bench.app, id: 2)?.sender.record.name == "alice")

        try bench.commit(5, .user(user("alice", "Again")))
        #expect(try loadUser(bench, "alice").memberships.isEmpty)
        #expect(try loadUser(bench, "alice").lastActiveAt == nil)
    }

    @Test(arguments: Backing.allCases) func tokensAreFoundByHashAndByUser(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let (one, two, three) = (token(1, of: "a", at: 9), token(2, of: "a", at: 3), token(3, of: "b"))
        try bench.commit(0, .token(one), .token(two), .token(three))
        #expect(try bench.store.tokens(bench.app, of: uid("a")) == [two, one])
        #expect(try bench.store.token(bench.app, one.hash) == one)
        guard case .token(let loaded) = try bench.store.load(.token(bench.app, two.hash)) else { throw Unexpected() }
        #expect(loaded == two)
        try bench.commit(0, .tokenDeleted(one.hash))
        #expect(try bench.store.tokens(bench.app, of: uid("a")) == [two])
        try bench.commit(0, .tokensDeleted(uid("a")))
        #expect(try bench.store.tokens(bench.app, of: uid("a")).isEmpty)
        #expect(try bench.store.token(bench.app, three.hash) == three)
        #expect(try bench.store.token(try bench.store.number(ofApp: "app2"), three.hash) == nil)
    }

    @Test(arguments: Backing.allCases) func friendsAreSeenFromBothSides(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            0, .friendship(uid("a"), uid("c"), exists: true), .friendship(uid("b"), uid("a"), exists: true),
            .friendship(uid("a"), uid("b"), exists: true))
        #expect(try loadUser(bench, "a").friends == [uid("b"), uid("c")])
        try bench.commit(0, .friendship(uid("a"), uid("b"), exists: false))
        #expect(try loadUser(bench, "b").friends.isEmpty)
        #expect(try loadUser(bench, "c").friends == [uid("a")])
    }

    @Test(arguments: Backing.allCases) func aGroupIsReadBackWhole(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let record = GroupRecord(
            guid: guid("g"), name: "G", type: .password, passwordHash: "h", icon: "i", description: "d",
            owner: uid("alice"), metadata: json("[]"), tags: ["t"], createdAt: 1, updatedAt: 2)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "bob", at: 1, .admin)), .group(record))
        let view = try #require(try bench.store.group(bench.app, guid("g"), viewer: uid("bob")))
        #expect(canonical(view.record) == canonical(record))
        #expect(view.membersCount == 1)
        #expect(view.viewer == member("g", "bob", at: 1, .admin))
        #expect(try bench.store.group(bench.app, guid("g"), viewer: uid("carol"))?.viewer == nil)
        #expect(try bench.store.group(bench.app, guid("h"), viewer: nil) == nil)
    }

    @Test(arguments: Backing.allCases) func membersComeAndGo(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "b", at: 1)), .memberAdded(member("g", "a", at: 1)))
        try bench.commit(2, .memberAdded(member("g", "c", at: 2, .moderator)))
        try bench.commit(3, .memberRemoved(guid("g"), uid("a")), .memberRemoved(guid("g"), uid("stranger")))
        #expect(try loadGroup(bench, "g").members == [member("g", "b", at: 1), member("g", "c", at: 2, .moderator)])
        #expect(try loadUser(bench, "c").memberships == [member("g", "c", at: 2, .moderator)])
        try bench.commit(4, .memberAdded(member("g", "a", at: 4)))
        #expect(try loadUser(bench, "a").memberships == [member("g", "a", at: 4)])
        #expect(try bench.store.group(bench.app, guid("g"), viewer: nil)?.membersCount == 3)
    }

    @Test(arguments: Backing.allCases) func addingAMemberAgainOnlyChangesTheScope(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.commit(2, .memberAdded(member("g", "a", at: 2, .admin)))
        #expect(try loadGroup(bench, "g").members == [member("g", "a", at: 1, .admin)])
        #expect(try bench.store.group(bench.app, guid("g"), viewer: nil)?.membersCount == 1)
    }

    @Test(arguments: Backing.allCases) func aDeletedGroupIsGoneAndItsGuidFree(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let (g, first) = (Conversation.group(guid("g")), message(2, "a", toGroup("g"), muid: "m"))
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.send(first)
        try bench.commit(3, .mark(g, mark(.read, "b", 2, seq: 3)), .groupDeleted(guid("g")))
        #expect(try bench.store.group(bench.app, guid("g"), viewer: nil) == nil)
        #expect(try bench.store.message(bench.app, id: 2) == nil)
        #expect(try loadUser(bench, "a").memberships.isEmpty)
        try bench.commit(4, .group(group("g", "New")))
        let loaded = try loadGroup(bench, "g")
        #expect(loaded.members.isEmpty && loaded.conversation.marks.isEmpty && loaded.conversation.latest.isEmpty)
        for _ in 0..<3 { try bench.log.maintain(nowSeconds: 0) }
        #expect(try bench.history(nil, .everything).ids.isEmpty)
        let outcome = try bench.commit(5, .message(message(5, "a", toGroup("g"), muid: "m")))
        guard case .committed = outcome else { throw Unexpected() }
    }

    @Test(arguments: Backing.allCases) func aConversationIsLoadedWithMarksAndLatestAuthors(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(
            message(1, "b", toUser("a")), message(2, "a", toUser("b"), category: .custom),
            message(3, "a", toUser("b"), category: .call, type: "audio"), message(4, "a", toUser("c")))
        let (old, new) = (mark(.delivered, "b", 1, seq: 5), mark(.delivered, "b", 2, seq: 6))
        try bench.commit(5, .mark(pair("a", "b"), old))
        try bench.commit(6, .mark(pair("b", "a"), new), .mark(pair("a", "b"), mark(.read, "a", 1, seq: 6)))
        let loaded = try loadPair(bench, "a", "b")
        #expect(loaded.latest == [.init(id: 1, author: uid("b")), .init(id: 2, author: uid("a"))])
        #expect(loaded.marks == [mark(.read, "a", 1, seq: 6), new])
        #expect(try loadPair(bench, "b", "c").latest.isEmpty)
    }

    @Test(arguments: Backing.allCases) func aConversationGivesItsNewestAuthorsOnly(_ backing: Backing) throws {
        guard backing != .reopened else { return }
        let bench = try Bench(backing)
        let count = Int64(LoadedConversation.latestMax) + 10
        try bench.commit(
            (1...count).map {
                LoggedDecision(app: bench.app, seq: $0, changes: [.message(message($0, "a", toGroup("g")))])
            })
        #expect(try loadGroup(bench, "g").conversation.latest.map(\.id) == Array(11...count))
    }

    @Test(arguments: Backing.allCases) func whatIsUnknownLoadsEmpty(_ backing: Backing) throws {
        let bench = try Bench(backing)
        #expect(try loadUser(bench, "x").record == nil)
        #expect(try loadGroup(bench, "x").record == nil)
        #expect(try loadPair(bench, "x", "y").marks.isEmpty)
        guard case .message(nil) = try bench.store.load(.message(bench.app, -5)) else { throw Unexpected() }
    }
}
