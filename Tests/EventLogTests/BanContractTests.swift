import ChatModel
import EventLog
import Testing

@Suite struct BanContractTests {
    private func ban(
        _ group: String, _ user: String, _ scope: MemberScope? = .participant, at seq: Int64
    ) -> Ban {
        Ban(guid: guid(group), uid: uid(user), scope: scope, bannedAt: 1_000 + seq, seq: seq)
    }

    private func loaded(_ bench: Bench, _ id: String) throws -> LoadedGroup {
        guard case .group(let loaded) = try bench.store.load(.group(bench.app, guid(id))) else { throw Unexpected() }
        return loaded
    }

    private func listed(_ bench: Bench, _ change: (inout BanQuery) -> Void = { _ in }) throws -> ([String], Int) {
        var query = BanQuery(app: bench.app, guid: guid("g"))
        change(&query)
        let page = try bench.store.bans(query)
        return (page.items.map(\.ban.uid.text), page.total)
    }

    /// Bob was a participant, mona a moderator, eve nothing; nobody has ever heard of zed.
    private func filled(_ backing: Backing) throws -> Bench {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .group(group("h")), .user(user("bob", "Robert")), .user(user("mona")),
            .user(user("eve")), .memberAdded(member("g", "bob", at: 1)), .memberAdded(member("g", "alice", at: 1)))
        try bench.commit(2, .memberRemoved(guid("g"), uid("bob")), .banned(ban("g", "bob", at: 2)))
        try bench.commit(3, .banned(ban("g", "mona", .moderator, at: 3)), .banned(ban("g", "eve", nil, at: 3)))
        try bench.commit(4, .banned(ban("g", "zed", at: 4)), .banned(ban("h", "bob", nil, at: 4)))
        return bench
    }

    @Test(arguments: Backing.allCases) func bansAreLoadedWithTheirGroupInOrder(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(
            try loaded(bench, "g").bans == [
                ban("g", "bob", at: 2), ban("g", "eve", nil, at: 3), ban("g", "mona", .moderator, at: 3),
                ban("g", "zed", at: 4),
            ])
        #expect(try loaded(bench, "h").bans == [ban("h", "bob", nil, at: 4)])
        #expect(try loaded(bench, "nowhere").bans.isEmpty)
    }

    @Test(arguments: Backing.allCases) func aSecondBanReplacesTheFirstAndOneTakenBackIsGone(
        _ backing: Backing
    ) throws {
        let bench = try filled(backing)
        try bench.commit(5, .banned(ban("g", "bob", .admin, at: 5)), .unbanned(guid("g"), uid("zed")))
        try bench.commit(6, .unbanned(guid("g"), uid("stranger")), .unbanned(guid("nowhere"), uid("bob")))
        #expect(
            try loaded(bench, "g").bans == [
                ban("g", "eve", nil, at: 3), ban("g", "mona", .moderator, at: 3), ban("g", "bob", .admin, at: 5),
            ])
    }

    @Test(arguments: Backing.allCases) func bansGoWithTheGroupAndWithTheUser(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(5, .userDeleted(uid("bob")))
        #expect(try loaded(bench, "g").bans.map(\.uid.text) == ["eve", "mona", "zed"])
        #expect(try loaded(bench, "h").bans.isEmpty)
        try bench.commit(6, .groupDeleted(guid("g")))
        try bench.commit(7, .group(group("g")), .user(user("bob")))
        #expect(try loaded(bench, "g").bans.isEmpty)
        #expect(try listed(bench) == ([], 0))
    }

    @Test(arguments: Backing.allCases) func bansAreListedByFilterInPages(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try listed(bench) == (["bob", "eve", "mona", "zed"], 4))
        #expect(try listed(bench) { $0.searchKey = "ROB" } == (["bob"], 1))
        #expect(try listed(bench) { $0.searchKey = "ze" } == (["zed"], 1))
        #expect(try listed(bench) { $0.scopes = [.moderator, .participant] } == (["bob", "mona", "zed"], 3))
        #expect(try listed(bench) { $0.page = PageNumber(2, size: 3) } == (["zed"], 4))
        let first = try #require(try bench.store.bans(BanQuery(app: bench.app, guid: guid("g"))).items.first)
        #expect(first.user.record.name == "Robert")
        #expect(first.ban == ban("g", "bob", at: 2))
        #expect(try bench.store.bans(BanQuery(app: bench.app, guid: guid("nowhere"))).total == 0)
    }

    @Test(arguments: Backing.allCases) func aGroupIsShownAsBannedFromToWhomItIs(_ backing: Backing) throws {
        let bench = try filled(backing)
        func shown(_ viewer: String?) throws -> [Bool] {
            let one = try #require(try bench.store.group(bench.app, guid("g"), viewer: viewer.map(uid)))
            let list = try bench.store.groups(GroupQuery(app: bench.app, viewer: viewer.map(uid))).items
            return [one.isViewerBanned] + list.map(\.isViewerBanned)
        }
        #expect(try shown("bob") == [true, true, true])
        #expect(try shown("eve") == [true, true, false])
        #expect(try shown("alice") == [false, false, false])
        #expect(try shown(nil) == [false, false, false])
        try bench.commit(5, .group(group("s", type: .secret)), .banned(ban("s", "eve", at: 5)))
        let listed = try bench.store.groups(GroupQuery(app: bench.app, viewer: uid("eve"))).items
        #expect(listed.map(\.record.guid.text) == ["g", "h"], "a private group is not listed for the banned")
    }

    @Test(arguments: Backing.allCases) func theBannedSeeTheirBanOnResumeAndNothingAfterIt(_ backing: Backing) throws {
        let bench = try Bench(backing)
        func action(_ id: Int64, _ kind: GroupAction.Kind, _ on: String) -> Change {
            .message(
                message(
                    id, "alice", toGroup("g"), category: .action, type: "groupMember",
                    subject: .group(GroupAction(kind: kind, by: uid("alice"), on: uid(on)))))
        }
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "alice", at: 1)), .memberAdded(member("g", "bob", at: 1)))
        try bench.send(message(2, "alice", toGroup("g")))
        try bench.commit(
            3, action(3, .banned, "bob"), .memberRemoved(guid("g"), uid("bob")), .banned(ban("g", "bob", at: 3)))
        try bench.commit(4, action(4, .banned, "eve"), .banned(ban("g", "eve", nil, at: 4)))
        try bench.send(message(5, "alice", toGroup("g")))
        try bench.commit(6, action(6, .unbanned, "bob"), .unbanned(guid("g"), uid("bob")))
        #expect(try bench.replay("bob").items == ["2", "3"])
        #expect(try bench.replay("eve").items == ["4"])
        #expect(try bench.replay("alice").items == ["2", "3", "4", "5", "6"])
        #expect(try bench.history("bob", .everything).ids == [2, 3])
    }

    @Test(arguments: Backing.allCases) func membersAreListedByStatus(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "a", at: 1)), .memberAdded(member("g", "b", at: 1)),
            .memberAdded(member("g", "c", at: 1)), .memberAdded(member("g", "d", at: 1, .admin)))
        func list(_ change: (inout MemberQuery) -> Void) throws -> ([String], Int) {
            var query = MemberQuery(app: bench.app, guid: guid("g"))
            change(&query)
            let page = try bench.store.members(query)
            return (page.items.map(\.membership.uid.text), page.total)
        }
        let online: Set = [uid("a"), uid("c"), uid("d"), uid("elsewhere")]
        #expect(try list { $0.status = .online(online) } == (["a", "c", "d"], 3))
        #expect(try list { $0.status = .offline(online: online) } == (["b"], 1))
        #expect(try list { ($0.status, $0.page) = (.online(online), PageNumber(2, size: 2)) } == (["d"], 3))
        #expect(try list { ($0.status, $0.scopes) = (.online(online), [.admin]) } == (["d"], 1))
    }
}
