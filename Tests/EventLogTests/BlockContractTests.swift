import ChatModel
import EventLog
import Testing

@Suite struct BlockContractTests {
    /// a blocks b and c; c blocks a; d blocks a; x has no record.
    private func filled(_ backing: Backing) throws -> Bench {
        let bench = try Bench(backing)
        try bench.commit(0, .user(user("a")), .user(user("b")), .user(user("c")), .user(user("d")))
        for (one, other) in [("a", "c"), ("a", "b"), ("c", "a"), ("d", "a"), ("a", "x")] {
            try bench.commit(0, .block(uid(one), blocked: uid(other), exists: true))
        }
        return bench
    }

    private func load(_ bench: Bench, _ id: String) throws -> LoadedUser {
        guard case .user(let loaded) = try bench.store.load(.user(bench.app, uid(id))) else { throw Unexpected() }
        return loaded
    }

    private func list(_ bench: Bench, _ change: (inout UserQuery) -> Void) throws -> ([String], Int) {
        var query = UserQuery(app: bench.app)
        change(&query)
        let page = try bench.store.users(query)
        return (page.items.map(\.record.uid.text), page.total)
    }

    @Test(arguments: Backing.allCases) func blocksAreLoadedFromBothSides(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try load(bench, "a").blocks == [uid("b"), uid("c"), uid("x")])
        #expect(try load(bench, "a").blockedBy == [uid("c"), uid("d")])
        #expect(try load(bench, "b").blocks.isEmpty)
        #expect(try load(bench, "b").blockedBy == [uid("a")])
        try bench.commit(0, .block(uid("a"), blocked: uid("b"), exists: true))
        try bench.commit(0, .block(uid("a"), blocked: uid("c"), exists: false))
        try bench.commit(0, .block(uid("b"), blocked: uid("a"), exists: false))
        #expect(try load(bench, "a").blocks == [uid("b"), uid("x")])
        #expect(try load(bench, "a").blockedBy == [uid("c"), uid("d")])
    }

    @Test(arguments: Backing.allCases) func aDeletedUserTakesBlocksOfBothSidesAlong(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(1, .userDeleted(uid("a")))
        for id in ["a", "b", "c", "d"] {
            let loaded = try load(bench, id)
            #expect(loaded.blocks.isEmpty && loaded.blockedBy.isEmpty, "\(id)")
        }
        try bench.commit(2, .user(user("a")))
        #expect(try bench.store.blocks(bench.app, of: uid("c"), among: [uid("a")]).isEmpty)
    }

    @Test(arguments: Backing.allCases) func aViewerSeesHowTheyStandToOthers(_ backing: Backing) throws {
        let bench = try filled(backing)
        let all = ["a", "b", "c", "d", "nobody"].map(uid)
        let ofA = try bench.store.blocks(bench.app, of: uid("a"), among: all)
        #expect(
            ofA == [
                uid("b"): BlockStanding(blockedByMe: true, hasBlockedMe: false),
                uid("c"): BlockStanding(blockedByMe: true, hasBlockedMe: true),
                uid("d"): BlockStanding(blockedByMe: false, hasBlockedMe: true),
            ])
        let ofB = try bench.store.blocks(bench.app, of: uid("b"), among: all)
        #expect(ofB == [uid("a"): BlockStanding(blockedByMe: false, hasBlockedMe: true)])
        #expect(try bench.store.blocks(bench.app, of: uid("nobody"), among: all).isEmpty)
        #expect(try bench.store.blocks(try bench.store.number(ofApp: "app2"), of: uid("a"), among: all).isEmpty)
    }

    @Test(arguments: Backing.allCases) func blockedUsersAreListedByDirection(_ backing: Backing) throws {
        let bench = try filled(backing)
        func listed(_ direction: BlockDirection) throws -> ([String], Int) {
            try list(bench) { ($0.blocksOf, $0.direction) = (uid("a"), direction) }
        }
        #expect(try listed(.blockedByMe) == (["b", "c"], 2))
        #expect(try listed(.hasBlockedMe) == (["c", "d"], 2))
        #expect(try listed(.both) == (["b", "c", "d"], 3))
        #expect(try list(bench) { $0.blocksOf = uid("stranger") } == ([], 0))
        #expect(
            try list(bench) { ($0.blocksOf, $0.searchKey, $0.page) = (uid("a"), "D", PageNumber(1, size: 1)) }
                == (["d"], 1))
        #expect(
            try list(bench) { ($0.blocksOf, $0.status) = (uid("a"), .online([uid("a"), uid("c")])) } == (["c"], 1))
    }

    @Test(arguments: Backing.allCases) func whomAUserBlocksIsLeftOutWhenAsked(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try list(bench) { $0.hidingBlockedBy = uid("a") } == (["a", "d"], 2))
        #expect(try list(bench) { $0.hidingBlockedBy = uid("b") }.1 == 4)
        #expect(try list(bench) { $0.hidingBlockedBy = uid("stranger") }.1 == 4)
        #expect(
            try list(bench) { ($0.hidingBlockedBy, $0.status) = (uid("a"), .offline(online: [uid("d")])) }
                == (["a"], 1))
    }
}
