import GRDB
import Testing

@testable import EventLog

@Suite struct QueryPlanTests {
    static let hot: [String] =
        [MessageSource.Run.app, .conversation(1), .about(1), .thread(1)].flatMap { run in
            [true, false].map { MessageSource.sql(run, ascending: $0) }
        } + [true, false].map(MarkFeed.sql) + [
            StoreReader.messageSQL, StoreReader.newestOfPairSQL, StoreReader.newestOfGroupSQL, StoreReader.latestSQL,
            StoreReader.pairsSQL, StoreReader.laggardSQL,
        ]

    @Test(arguments: hot) func aHotQueryReadsNoWholeTableAndSortsNothing(_ sql: String) throws {
        let bench = try Bench(.sqlite)
        let store = try #require(bench.store as? SQLiteStore)
        let plan = try store.write { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + sql,
                arguments: StatementArguments(Array(repeating: 1, count: sql.filter { $0 == "?" }.count))
            ).map { $0["detail"] as String }
        }
        #expect(!plan.isEmpty)
        #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(plan)")
    }

    @Test func theNewestOfAPairIsFoundAlongTheConversation() throws {
        let bench = try Bench(.sqlite)
        let store = try #require(bench.store as? SQLiteStore)
        let plan = try store.write { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + StoreReader.newestOfPairSQL, arguments: [1, 1, 1]
            ).map { $0["detail"] as String }
        }
        #expect(plan.joined().contains("messagesOfConversation"))
    }
}
