import ChatModel
import GRDB
import Testing

@testable import EventLog

@Suite struct FailureTests {
    private let bench: Bench
    private let store: SQLiteStore

    init() throws {
        bench = try Bench(.sqlite)
        store = try #require(bench.store as? SQLiteStore)
    }

    private func decision(_ record: MessageRecord) -> LoggedDecision {
        LoggedDecision(app: bench.app, seq: record.id, changes: [.message(record)])
    }

    @Test func aFailedCommitWritesNothingAndTheNextOneWorks() throws {
        try store.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.type = 'refused'
                    BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
                    """)
        }
        let good = message(1, "new", toUser("newer"), muid: "m")
        let failure = try #require(throws: LogFailure.self) {
            try bench.commit([decision(good), decision(message(2, "new", toGroup("g"), type: "refused"))])
        }
        #expect(failure.reason.contains(bench.path) && failure.reason.contains("refused by the test"))
        #expect(try bench.store.message(bench.app, id: 1) == nil)
        #expect(try bench.store.positions(bench.app).committed == 0)

        // The ids given to the new names were taken back with the rest.
        guard case .committed = try bench.commit([decision(good)])[0] else { throw Unexpected() }
        #expect(try bench.replay("newer").items == ["1"])
    }

    @Test func aFullDiskFailsTheCommitUntilThereIsRoom() throws {
        let pages = try store.write { try Int.fetchOne($0, sql: "PRAGMA page_count")! }
        try store.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        let many = (1...2_000 as ClosedRange<Int64>).map { decision(message($0, "a", toUser("b"), muid: "\($0)")) }
        let failure = try #require(throws: LogFailure.self) { try bench.commit(many) }
        #expect(failure.reason.contains(bench.path) && failure.reason.contains("full"))
        #expect(try bench.history(nil, .everything).ids.isEmpty)
        try store.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try bench.commit(many)
        #expect(try bench.history(nil, .everything) { $0.limit = 1 }.ids == [2_000])
    }

    @Test func theTwinFailsOnDemand() throws {
        let twin = InMemoryEventLog()
        let app = try twin.number(ofApp: "app1")
        twin.fail(LogFailure(reason: "full"))
        #expect(throws: LogFailure(reason: "full")) { try twin.reserve(app, through: 1) }
        #expect(throws: LogFailure(reason: "full")) {
            try twin.commit([LoggedDecision(app: app, seq: 1, changes: [.user(user("a"))])])
        }
        twin.fail(nil)
        #expect(try twin.user(app, uid("a")) == nil)
        try twin.reserve(app, through: 1)
    }
}
