import ChatModel
import EventLog
import Testing

@Suite struct HistoryContractTests {
    private func filled(_ backing: Backing) throws -> Bench {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "a", at: 1)), .memberAdded(member("g", "b", at: 1)))
        try bench.send(
            message(2, "a", toUser("b")), message(3, "b", toUser("a"), parent: 2),
            message(4, "a", toGroup("g"), category: .custom, type: "poll"), message(5, "c", toUser("b")),
            message(6, "b", toUser("a"), type: "image"), message(7, "b", toGroup("g")),
            message(8, "a", toUser("b"), parent: 2))
        return bench
    }

    @Test(arguments: Backing.allCases) func withoutACursorPrependIsTheNewestAndAppendTheOldestPage(_ backing: Backing)
        throws
    {
        let bench = try filled(backing)
        #expect(try bench.history("a", .user(uid("b"))) { $0.limit = 3 } == ([3, 6, 8], 3))
        #expect(try bench.history("a", .user(uid("b"))) { ($0.limit, $0.affix) = (3, .append) } == ([2, 3, 6], 6))
        #expect(try bench.history("a", .user(uid("b"))) == ([2, 3, 6, 8], nil))
    }

    @Test(arguments: Backing.allCases) func anIdCursorIsExclusive(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try bench.history("a", .user(uid("b"))) { $0.cursor = .id(6) }.ids == [2, 3])
        #expect(try bench.history("a", .user(uid("b"))) { ($0.cursor, $0.affix) = (.id(3), .append) }.ids == [6, 8])
        #expect(try bench.history("a", .user(uid("b"))) { $0.cursor = .id(-1) }.ids.isEmpty)
        #expect(
            try bench.history("a", .user(uid("b"))) { ($0.cursor, $0.affix) = (.id(-1), .append) }.ids == [2, 3, 6, 8])
        #expect(try bench.history("a", .user(uid("b"))) { $0.cursor = .id(.max) }.ids == [2, 3, 6, 8])
        #expect(try bench.history("a", .user(uid("b"))) { ($0.cursor, $0.affix) = (.id(.max), .append) }.ids.isEmpty)
    }

    @Test(arguments: Backing.allCases) func aSentAtCursorLeavesOutItsWholeSecond(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let times: [Int64] = [10, 20, 20, 20, 30, 40]
        try bench.commit(
            times.enumerated().map { index, time in
                let id = Int64(index * 100 + 5)
                return LoggedDecision(
                    app: bench.app, seq: id, changes: [.message(message(id, "a", toUser("b"), sentAt: time))])
            })
        let scope = HistoryQuery.Scope.user(uid("b"))
        #expect(try bench.history("a", scope) { $0.cursor = .sentAt(20) }.ids == [5])
        #expect(try bench.history("a", scope) { ($0.cursor, $0.affix) = (.sentAt(20), .append) }.ids == [405, 505])
        #expect(try bench.history("a", scope) { $0.cursor = .sentAt(25) }.ids == [5, 105, 205, 305])
        #expect(try bench.history("a", scope) { $0.cursor = .sentAt(99) }.ids.count == 6)
        #expect(try bench.history("a", scope) { ($0.cursor, $0.affix) = (.sentAt(0), .append) }.ids.count == 6)
    }

    @Test(arguments: Backing.allCases) func everythingIsWhatTheViewerTookPartIn(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try bench.history("a", .everything).ids == [2, 3, 4, 6, 7, 8])
        #expect(try bench.history("c", .everything).ids == [5])
        #expect(try bench.history(nil, .everything).ids == Array(2...8))
        #expect(try bench.history(nil, .user(uid("c"))).ids == [5])
        #expect(try bench.history("nobody", .everything).ids.isEmpty)
    }

    @Test(arguments: Backing.allCases) func groupHistoryNeedsMembership(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(9, .memberAdded(member("g", "d", at: 9)), .group(group("s", type: .secret)))
        #expect(try bench.history("a", .group(guid("g"))).ids == [4, 7])
        #expect(try bench.history("d", .group(guid("g"))).ids == [4, 7])
        #expect(try bench.history(nil, .group(guid("g"))).ids == [4, 7])
        let asked = { (viewer: String, group: String) in
            try bench.store.history(HistoryQuery(app: bench.app, viewer: uid(viewer), scope: .group(guid(group))))
        }
        guard case .notAMember(.open) = try asked("c", "g") else { throw Unexpected() }
        guard case .notAMember(.secret) = try asked("nobody", "s") else { throw Unexpected() }
        guard case .unknownGroup = try asked("a", "nope") else { throw Unexpected() }
    }

    @Test(arguments: Backing.allCases) func filtersNarrowAndNextSkipsWhatTheyLeaveOut(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try bench.history("a", .everything) { $0.categories = [.custom] } == ([4], nil))
        #expect(try bench.history("a", .everything) { $0.types = ["image", "poll"] } == ([4, 6], nil))
        #expect(try bench.history("a", .user(uid("b"))) { $0.parentID = 2 } == ([3, 8], nil))
        #expect(try bench.history("a", .user(uid("b"))) { ($0.parentID, $0.limit) = (2, 1) } == ([8], 8))
        #expect(try bench.history("a", .group(guid("g"))) { $0.parentID = 2 } == ([], nil))
        #expect(try bench.history("a", .everything) { $0.parentID = 2 } == ([3, 8], nil))
        #expect(try bench.history("a", .user(uid("b"))) { $0.hideReplies = true } == ([2, 6], nil))
        #expect(try bench.history("a", .user(uid("b"))) { ($0.hideReplies, $0.limit) = (true, 2) } == ([2, 6], nil))
    }

    @Test(arguments: Backing.allCases) func aPageHoldsAtMostAHundred(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(
            (1...120).map {
                LoggedDecision(app: bench.app, seq: $0, changes: [.message(message($0, "a", toUser("b")))])
            })
        #expect(try bench.history("a", .everything) { $0.limit = 5_000 } == (Array(21...120), 21))
        #expect(try bench.history("a", .everything) { $0.limit = 0 } == ([120], 120))
    }

    @Test(arguments: Backing.allCases) func aMessageTellsWhenTheReceiversMarksPassedIt(_ backing: Backing) throws {
        let bench = try filled(backing)
        let conversation = pair("a", "b")
        try bench.commit(10, .mark(conversation, mark(.read, "b", 2, seq: 10)))
        try bench.commit(11, .mark(conversation, mark(.delivered, "b", 8, seq: 11)))
        try bench.commit(12, .mark(conversation, mark(.read, "b", 8, seq: 12)))
        let first = try #require(try bench.store.message(bench.app, id: 2))
        #expect(first.readAt == 1_010 && first.deliveredAt == 1_010)
        let last = try #require(try bench.store.message(bench.app, id: 8))
        #expect(last.readAt == 1_012 && last.deliveredAt == 1_011)
        let answer = try #require(try bench.store.message(bench.app, id: 3))
        #expect(answer.readAt == nil && answer.deliveredAt == nil)
    }
}
