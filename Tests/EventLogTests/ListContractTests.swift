import ChatModel
import EventLog
import Testing

@Suite struct ListContractTests {
    private func filled(_ backing: Backing) throws -> Bench {
        let bench = try Bench(backing)
        let gone = UserRecord(uid: uid("gone"), name: "Gone", createdAt: 1, deactivatedAt: 2)
        try bench.commit(
            0, .user(user("u1", "bob")), .user(user("u2", "Álice", role: "vip", tags: ["x", "y"])),
            .user(user("u3", "Bob", tags: ["y"])), .user(user("u4", "Zoë 100%", role: "admin")), .user(gone),
            .friendship(uid("u1"), uid("u4"), exists: true), .lastActive(uid("u1"), at: 5))
        return bench
    }

    private func users(_ bench: Bench, _ change: (inout UserQuery) -> Void = { _ in }) throws -> ([String], Int) {
        var query = UserQuery(app: bench.app)
        change(&query)
        let page = try bench.store.users(query)
        return (page.items.map(\.record.uid.text), page.total)
    }

    @Test(arguments: Backing.allCases) func usersAreInOrderOfNameWhateverTheCase(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try users(bench) == (["u1", "u3", "u4", "u2"], 4))
        #expect(try users(bench) { $0.page = PageNumber(2, size: 3) } == (["u2"], 4))
        #expect(try users(bench) { $0.page = PageNumber(.max, size: 100) } == ([], 4))
        #expect(try users(bench) { $0.includesDeactivated = true }.1 == 5)
    }

    @Test(arguments: Backing.allCases) func userFiltersNarrow(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try users(bench) { $0.searchKey = "BOB" } == (["u1", "u3"], 2))
        #expect(try users(bench) { $0.searchKey = "ÁL" } == (["u2"], 1))
        #expect(try users(bench) { $0.searchKey = "0%" } == (["u4"], 1))
        #expect(try users(bench) { $0.searchKey = "_" } == ([], 0))
        #expect(try users(bench) { $0.searchKey = "U3" } == (["u3"], 1))
        #expect(try users(bench) { $0.roles = ["vip", "admin"] } == (["u4", "u2"], 2))
        #expect(try users(bench) { $0.tags = ["x", "y"] } == (["u3", "u2"], 2))
        #expect(try users(bench) { $0.uids = [uid("u2"), uid("zz")] } == (["u2"], 1))
        #expect(try users(bench) { $0.uids = [] } == ([], 0))
        #expect(try users(bench) { $0.friendsOf = uid("u1") } == (["u4"], 1))
        #expect(try users(bench) { $0.friendsOf = uid("stranger") } == ([], 0))
        #expect(try users(bench) { $0.excluding = uid("u3") }.1 == 3)
    }

    @Test(arguments: Backing.allCases) func statusIsJudgedByTheGivenSet(_ backing: Backing) throws {
        let bench = try filled(backing)
        let online: Set = [uid("u2"), uid("u3"), uid("elsewhere")]
        #expect(try users(bench) { $0.status = .online(online) } == (["u3", "u2"], 2))
        #expect(
            try users(bench) { ($0.status, $0.page) = (.offline(online: online), PageNumber(2, size: 1)) }
                == (["u4"], 2))
        // More than are looked up one by one: the users are walked.
        let many = online.union((0...2_000).map { uid("absent-\($0)") })
        #expect(try users(bench) { $0.status = .online(many) } == (["u3", "u2"], 2))
        #expect(try users(bench) { ($0.status, $0.uids) = (.online(online), [uid("u2"), uid("u1")]) } == (["u2"], 1))
        #expect(try users(bench) { ($0.status, $0.uids) = (.online(many), [uid("u2"), uid("u1")]) } == (["u2"], 1))
    }

    @Test(arguments: Backing.allCases) func privateGroupsAreListedForMembersOnly(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g1", "one")), .group(group("g2", "Two", type: .secret, tags: ["t"])),
            .group(group("g3", "three", type: .password)), .memberAdded(member("g2", "a", at: 1, .admin)))
        func list(_ viewer: String?, _ change: (inout GroupQuery) -> Void = { _ in }) throws -> ([String], Int) {
            var query = GroupQuery(app: bench.app, viewer: viewer.map(uid))
            change(&query)
            let page = try bench.store.groups(query)
            return (page.items.map(\.record.guid.text), page.total)
        }
        #expect(try list("a") == (["g1", "g3", "g2"], 3))
        #expect(try list("b") == (["g1", "g3"], 2))
        #expect(try list(nil) == (["g1", "g3", "g2"], 3))
        #expect(try list("a") { $0.joinedOnly = true } == (["g2"], 1))
        #expect(try list(nil) { $0.joinedOnly = true } == ([], 0))
        #expect(try list("a") { $0.types = [.secret, .password] } == (["g3", "g2"], 2))
        #expect(try list("a") { $0.tags = ["t"] } == (["g2"], 1))
        #expect(try list("a") { $0.searchKey = "T" } == (["g3", "g2"], 2))
        let joined = try bench.store.groups(GroupQuery(app: bench.app, viewer: uid("a"))).items
        #expect(joined.map(\.viewer) == [nil, nil, member("g2", "a", at: 1, .admin)])
        #expect(joined.map(\.membersCount) == [0, 0, 1])
    }

    @Test(arguments: Backing.allCases) func membersAreInOrderOfJoining(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .user(user("z", "Zed")), .memberAdded(member("g", "z", at: 1)),
            .memberAdded(member("g", "b", at: 1)))
        try bench.commit(2, .memberAdded(member("g", "a", at: 2, .admin)))
        try bench.commit(3, .memberAdded(member("g", "c", at: 3)))
        try bench.commit(4, .memberRemoved(guid("g"), uid("c")))
        func list(_ change: (inout MemberQuery) -> Void = { _ in }) throws -> ([String], Int) {
            var query = MemberQuery(app: bench.app, guid: guid("g"))
            change(&query)
            let page = try bench.store.members(query)
            return (page.items.map { "\($0.membership.uid)=\($0.user.record.name)" }, page.total)
        }
        #expect(try list() == (["b=b", "z=Zed", "a=a"], 3))
        #expect(try list { $0.page = PageNumber(2, size: 2) } == (["a=a"], 3))
        #expect(try list { $0.scopes = [.admin, .moderator] } == (["a=a"], 1))
        #expect(try list { $0.searchKey = "ZE" } == (["z=Zed"], 1))
        #expect(try list { $0.status = .online([uid("a"), uid("b"), uid("c")]) } == (["b=b", "a=a"], 2))
        #expect(
            try list { ($0.status, $0.page) = (.offline(online: [uid("b")]), PageNumber(2, size: 1)) }
                == (["a=a"], 2))
    }
}
