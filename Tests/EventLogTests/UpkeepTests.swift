import ChatModel
import GRDB
import Testing

@testable import EventLog

@Suite struct UpkeepTests {
    private let bench: Bench
    private let store: SQLiteStore

    init() throws {
        bench = try Bench(.sqlite)
        store = try #require(bench.store as? SQLiteStore)
    }

    private func rows(_ table: String) throws -> Int {
        try store.write { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)")! }
    }

    private func send(_ range: ClosedRange<Int64>, _ receiver: Receiver, sentAt: Int64 = 1_000) throws {
        try bench.commit(
            range.map { id in
                let record = message(id, "a", receiver, muid: "m\(id)", sentAt: sentAt)
                return LoggedDecision(app: bench.app, seq: id, changes: [.message(record)])
            })
    }

    @Test func deletedHistoryIsRemovedInBoundedSlices() throws {
        try send(1...5_000, toGroup("g"))
        try bench.commit(5_001, .groupDeleted(guid("g")))
        #expect(try rows("messages") == 5_000)
        try bench.log.maintain(nowSeconds: 0)
        #expect(try rows("messages") == 3_000)
        for _ in 0..<2 { try bench.log.maintain(nowSeconds: 0) }
        #expect(try rows("messages") == 0)
        #expect(try rows("conversations") == 0)
        #expect(try rows("muids") == 0)
    }

    @Test func whatUsersDidGoesWithTheHistoryOfADeletedGroup() throws {
        try bench.commit(1, .group(group("g")))
        let sent = message(2, "a", toGroup("g"), category: .interactive, type: "form")
        try bench.commit(2, .message(sent))
        try bench.commit(3, reaction("x", "a", on: sent, seq: 3, counts: [("x", 1)]))
        try bench.commit(
            4, interaction(["e"], "b", on: 2, seq: 4, completion: .init(author: uid("a"), originSession: nil)))
        try bench.commit(5, .groupDeleted(guid("g")))
        for table in ["reactions", "interactions", "completions"] { #expect(try rows(table) == 1) }
        try bench.log.maintain(nowSeconds: 0)
        for table in ["reactions", "interactions", "completions"] { #expect(try rows(table) == 0) }
    }

    @Test func muidsAreForgottenADayAndAnHourLater() throws {
        try send(1...3_000, toUser("b"), sentAt: 1_000)
        try send(3_001...3_010, toUser("b"), sentAt: 2_000)
        let due: Int64 = 1_000 + 86_400 + 3_600
        try bench.log.maintain(nowSeconds: due)
        #expect(try rows("muids") == 3_010)
        try bench.log.maintain(nowSeconds: due + 1)
        #expect(try rows("muids") == 1_010)
        for _ in 0..<3 { try bench.log.maintain(nowSeconds: due + 1) }
        #expect(try rows("muids") == 10)
        try bench.log.maintain(nowSeconds: due + 1_001)
        #expect(try rows("muids") == 0)
        #expect(try rows("messages") == 3_010)
    }

    @Test func aMuidTakenAgainOutlivesItsFirstMessage() throws {
        let day: Int64 = 86_400
        try bench.send(message(1, "a", toUser("b"), muid: "m", sentAt: 1_000))
        try bench.send(message(2, "a", toUser("b"), muid: "m", sentAt: 1_000 + day))
        try bench.log.maintain(nowSeconds: 1_001 + day + 3_600)
        let third = message(3, "a", toUser("b"), muid: "m", sentAt: 999 + 2 * day)
        guard case .duplicate(let first) = try bench.commit(3, .message(third)) else { throw Unexpected() }
        #expect(first.id == 2)
    }

    @Test func theWriteAheadLogIsEmptiedIntoTheFileWhenIdle() throws {
        try send(1...2_000, toUser("b"))
        try bench.log.maintain(nowSeconds: 0)
        let left = try store.write { database in
            try database.checkpoint(.passive)
        }
        #expect(left.walFrameCount == left.checkpointedFrameCount)
    }
}
