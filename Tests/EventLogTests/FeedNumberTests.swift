import ChatModel
import GRDB
import Testing

@testable import EventLog

/// What only the file can show: numbers over starts and failures, and rows that are really gone.
@Suite struct FeedNumberTests {
    private func numbers(_ bench: Bench) throws -> [Int64] {
        try bench.store.feed(FeedQuery(app: bench.app, after: 0, limit: 500)).lines.map(\.n)
    }

    private func boots(_ bench: Bench) throws -> [String] {
        try bench.store.feed(FeedQuery(app: bench.app, after: 0, limit: 500)).lines.map(\.bootID)
    }

    private func send(_ bench: Bench, _ ids: ClosedRange<Int64>, _ receiver: Receiver = toUser("b")) throws {
        try bench.commit(
            ids.map { LoggedDecision(app: bench.app, seq: $0, changes: [.message(message($0, "a", receiver))]) })
    }

    private func rows(_ bench: Bench, _ table: String) throws -> Int {
        let store = try #require(bench.store as? SQLiteStore)
        return try store.write { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)")! }
    }

    @Test func whereCommitsAreSyncedAStartGoesOnWithTheNextNumber() throws {
        let bench = try Bench(.sqlite, durability: .power)
        try send(bench, 1...2)
        try bench.reopen(bootID: "second")
        try send(bench, 3...3)
        try bench.reopen(bootID: "third")
        try send(bench, 4...4)
        #expect(try numbers(bench) == [1, 2, 3, 4])
        #expect(try boots(bench) == ["boot", "boot", "second", "third"])
    }

    @Test func whereTheyAreNotAStartSkipsWhatWasReserved() throws {
        let bench = try Bench(.sqlite, durability: .process)
        try send(bench, 1...2)
        try bench.reopen(bootID: "second")
        // It has read nothing yet, and given no number.
        #expect(try bench.store.feed(FeedQuery(app: bench.app, after: 0, limit: 9)).end == 2)
        try send(bench, 3...3)
        let reserved = 2 + FeedRule.reservedAhead
        #expect(try numbers(bench) == [1, 2, reserved + 1])
        #expect(try boots(bench) == ["boot", "boot", "second"])
        let page = try bench.store.feed(FeedQuery(app: bench.app, after: 2, limit: 9))
        #expect(page.lines.map(\.n) == [reserved + 1])
    }

    @Test func reservedNumbersAreOnDiskBeforeTheyAreGiven() throws {
        let bench = try Bench(.sqlite, durability: .process)
        let store = try #require(bench.store as? SQLiteStore)
        func reserved() throws -> [Int64] {
            try store.write { try Int64.fetchAll($0, sql: "SELECT reserved - last FROM feeds") }
        }
        try send(bench, 1...4)
        #expect(try reserved() == [FeedRule.reservedAhead])
        try send(bench, 5...5)
        #expect(try reserved() == [FeedRule.reservedAhead - 1])
        var id: Int64 = 6
        while try reserved()[0] >= 500 {
            try send(bench, id...(id + 499))
            id += 500
        }
        let left = try reserved()[0]
        try send(bench, id...(id + left))
        #expect(try reserved() == [FeedRule.reservedAhead])
    }

    @Test func aFailedTransactionTakesItsNumbersBack() throws {
        let bench = try Bench(.sqlite)
        try send(bench, 1...2)
        let store = try #require(bench.store as? SQLiteStore)
        try store.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.data LIKE '%"4"%'
                    BEGIN SELECT RAISE(ABORT, 'told to fail'); END
                    """)
        }
        #expect(throws: LogFailure.self) { try send(bench, 3...4) }
        #expect(try numbers(bench) == [1, 2])
        try store.write { try $0.execute(sql: "DROP TRIGGER refuse") }
        try send(bench, 5...6)
        #expect(try numbers(bench) == [1, 2, 3, 4])
        #expect(try boots(bench) == ["boot", "boot", "boot", "boot"])
    }

    @Test func oldLinesArePrunedInBoundedSlices() throws {
        let bench = try Bench(.sqlite, feedLinesKept: 10)
        let event = Change.connection(ConnectionEvent(kind: .online, uid: uid("a"), at: 1))
        try bench.commit(0, event)
        try bench.commit([LoggedDecision(app: bench.app, seq: 0, changes: Array(repeating: event, count: 5_009))])
        try bench.log.maintain(nowSeconds: 0)
        #expect(try rows(bench, "feed") == 3_010)
        for _ in 0..<2 { try bench.log.maintain(nowSeconds: 0) }
        #expect(try rows(bench, "feed") == 10)
        try bench.log.maintain(nowSeconds: 0)
        #expect(try numbers(bench) == Array(5_001...5_010))
    }

    @Test func theLinesOfADeletedGroupAreFoundWhereverTheyStand() throws {
        let bench = try Bench(.sqlite, feedLinesKept: 1_000)
        try bench.commit(1, .group(group("g")))
        try send(bench, 2...1_500, toGroup("g"))
        try send(bench, 1_501...4_000)
        try bench.commit(4_001, .mark(.group(guid("g")), mark(.read, "b", 3, seq: 4_001)))
        for _ in 0..<3 { try bench.log.maintain(nowSeconds: 0) }
        #expect(try rows(bench, "feed") == 4_001)
        try bench.commit(4_002, .groupDeleted(guid("g")))
        for _ in 0..<5 { try bench.log.maintain(nowSeconds: 0) }
        #expect(try rows(bench, "feed") == 2_502)
        #expect(try rows(bench, "feeds WHERE sweepLeft > 0") == 0)
        // The mark's line was among the last ones, and counts there no more.
        #expect(try rows(bench, "feeds WHERE unpruned = 999") == 1)
    }

    @Test func marksThatMoveOnLaterGoToo() throws {
        let bench = try Bench(.sqlite, feedLinesKept: 10)
        try send(bench, 1...1)
        // Each mark moves again only when its line has left the last ones.
        for seq: Int64 in 2...400 {
            let reader = "r\(seq % 40)"
            try bench.commit(seq, .mark(.group(guid("g")), mark(.read, reader, 1, seq: seq)))
            if seq % 20 == 0 { try bench.log.maintain(nowSeconds: 0) }
        }
        // The message, each reader's latest, and what the sweep has yet to come by: as much again at most.
        #expect(try rows(bench, "feed") <= 1 + 40 + 50)
    }
}
