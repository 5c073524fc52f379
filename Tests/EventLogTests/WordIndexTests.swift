import ChatModel
import GRDB
import Testing

@testable import EventLog

/// The index behind the search, as its tables have it.
@Suite struct WordIndexTests {
    private let bench: Bench
    private let store: SQLiteStore

    init() throws {
        bench = try Bench(.sqlite)
        store = try #require(bench.store as? SQLiteStore)
    }

    private func indexed(_ expression: String) throws -> Int {
        try store.write { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM messageWords WHERE messageWords MATCH ?", arguments: [expression])!
        }
    }

    private func send(_ range: ClosedRange<Int64>, _ text: String, to receiver: Receiver = toUser("b")) throws {
        try bench.commit(
            range.map { id in
                LoggedDecision(
                    app: bench.app, seq: id, changes: [.message(message(id, "a", receiver).saying("\(text) w\(id)"))])
            })
    }

    private func found(_ key: String, _ viewer: String = "a") throws -> [Int64] {
        try bench.history(viewer, .everything) { $0.searchKey = key }.ids
    }

    @Test func itCatchesUpInBoundedSlices() throws {
        try send(1...600, "hello")
        var slices: [Int] = []
        var hasMore = true
        while hasMore {
            hasMore = try bench.log.maintain(nowSeconds: 0)
            slices.append(try indexed("hello"))
        }
        #expect(slices == [256, 512, 600])
        #expect(try bench.log.maintain(nowSeconds: 0) == false)
        #expect(try found("w600") == [600])
        #expect(try found("w60") == [60, 600])
    }

    @Test func severalAppsShareASlice() throws {
        let other = try store.number(ofApp: "app2")
        try send(1...200, "hello")
        try bench.commit(
            (1...200).map { id in
                LoggedDecision(app: other, seq: id, changes: [.message(message(id, "a", toUser("b")).saying("hello"))])
            })
        #expect(try bench.log.maintain(nowSeconds: 0))
        #expect(try indexed("hello") == 256)
        #expect(try !bench.log.maintain(nowSeconds: 0))
        #expect(try indexed("hello") == 400)
        // What is another app's is found in that app only.
        #expect(try bench.history(nil, .everything) { ($0.searchKey, $0.limit) = ("hello", 100) }.ids.count == 100)
        #expect(try bench.history(nil, .everything) { ($0.searchKey, $0.affix) = ("w1", .append) }.ids.first == 1)
    }

    @Test func whatIsChangedLeavesNoStaleWord() throws {
        try send(1...3, "before")
        try bench.log.maintain(nowSeconds: 0)
        let key = MessageKey.make(bench.app, 2)
        for text in [#"{"text":"after"}"#, #"{"text":"later"}"#] {
            try store.write { database in
                try database.execute(sql: "UPDATE messages SET data = ? WHERE key = ?", arguments: [text, key])
            }
        }
        // The index hears of it with the transaction; here, with the next one.
        try bench.commit(0, .lastActive(uid("a"), at: 1))
        #expect(try indexed("before") == 2)
        #expect(try indexed("after") == 0)
        #expect(try indexed("later") == 1)
        #expect(try found("later") == [2])
        #expect(try found("w2").isEmpty)
        #expect(try found("before") == [1, 3])
        try store.write { database in
            try database.execute(sql: "UPDATE messages SET data = '{}' WHERE key = ?", arguments: [key])
        }
        try bench.commit(0, .lastActive(uid("a"), at: 2))
        #expect(try indexed("later") == 0)
        #expect(try store.write { try Int.fetchOne($0, sql: "SELECT count(*) FROM reworded") } == 0)
    }

    @Test func aDeletedGroupLeavesNoWordBehind() throws {
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try send(2...50, "hello", to: toGroup("g"))
        try send(51...60, "hello")
        try bench.log.maintain(nowSeconds: 0)
        try bench.commit(61, .groupDeleted(guid("g")))
        #expect(try found("hello") == Array(51...60))
        try bench.log.maintain(nowSeconds: 0)
        #expect(try indexed("hello") == 10)
    }

    @Test func aPageOverALongTailEndsEarlyAndGoesOn() throws {
        // Nothing of this is indexed, and nearly nothing fits.
        try send(1...1, "needle")
        for start in stride(from: Int64(2), through: 22_002, by: 1_000) { try send(start...(start + 999), "hay") }
        let first = try bench.history("a", .everything) { $0.searchKey = "needle" }
        #expect(first.ids.isEmpty)
        let next = try #require(first.next)
        let second = try bench.history("a", .everything) { ($0.searchKey, $0.cursor) = ("needle", .id(next)) }
        #expect(second.ids == [1] && second.next == nil)
        while try bench.log.maintain(nowSeconds: 0) {}
        #expect(try bench.history("a", .everything) { $0.searchKey = "needle" } == ([1], nil))
    }

    @Test func aWordOfOthersIsLookedUpBesideThePlace() throws {
        let plan = try store.write { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + MessageSource.sql(.words(""), ascending: false),
                arguments: ["a", 1, 2, 3]
            ).map { $0["detail"] as String }
        }
        // FTS5 walks the terms' own lists, from the range's end, in the order that is asked for.
        #expect(plan.count == 1 && plan[0].contains("VIRTUAL TABLE INDEX") && plan[0].contains("M1"), "\(plan)")
        #expect(WordTerms.expression(WordQuery("hello"), at: .conversation(7)) == "\"\u{E001}hell\" AND \"\u{E000}c7\"")
    }
}
