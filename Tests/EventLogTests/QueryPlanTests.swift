import ChatModel
import GRDB
import Testing

@testable import EventLog

@Suite struct QueryPlanTests {
    static let hot: [String] =
        [
            MessageSource.Run.app, .conversation(1), .about(1), .thread(1), .type(conversation: 1, "image"),
            .category(conversation: 1, .call),
        ].flatMap { run in
            [true, false].map { MessageSource.sql(run, ascending: $0) }
        } + [true, false].map(MarkFeed.sql) + [
            StoreReader.messageSQL, StoreReader.newestOfPairSQL, StoreReader.newestOfGroupSQL, StoreReader.latestSQL,
            StoreReader.pairsSQL, StoreReader.laggardSQL, StoreReader.pairsOfFirstSQL, StoreReader.pairsOfSecondSQL,
            StoreReader.groupsOfUserSQL, StoreReader.viewpointsSQL, StoreReader.viewpointSQL,
            StoreReader.newestThroughSQL, StoreReader.firstStepSQL, StoreReader.newestStepSQL, StoreReader.firstOwnSQL,
            StoreReader.deletedSQL, StoreReader.readMarkSQL, StoreReader.readPointersSQL, OrdinalTable.newestSQL,
            OrdinalTable.newestOfMemberSQL,
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

    /// Each of these has an index of its own, made so that nothing else of the history is touched.
    @Test(arguments: [
        (StoreReader.deletedSQL, "COVERING INDEX messagesDeleted"), (StoreReader.firstOwnSQL, "INDEX messagesOfAuthor"),
        (OrdinalTable.newestOfMemberSQL, "INDEX messagesOfAuthor"),
        (StoreReader.newestOfGroupSQL, "INDEX messagesOfAuthor"),
        (StoreReader.firstStepSQL, "INDEX messagesOfConversation"),
        (StoreReader.newestThroughSQL, "COVERING INDEX messagesOfConversation"),
        (MessageSource.sql(.type(conversation: 1, "image"), ascending: false), "COVERING INDEX messagesOfType"),
        (MessageSource.sql(.category(conversation: 1, .call), ascending: false), "COVERING INDEX messagesOfCategory"),
        (StoreReader.readPointersSQL, "INDEX viewpointsSetBack"),
    ]) func aQueryUsesTheIndexMadeForIt(_ sql: String, _ index: String) throws {
        let bench = try Bench(.sqlite)
        let store = try #require(bench.store as? SQLiteStore)
        let plan = try store.write { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + sql,
                arguments: StatementArguments(Array(repeating: 1, count: sql.filter { $0 == "?" }.count))
            ).map { $0["detail"] as String }
        }
        #expect(plan.joined().contains(index), "\(plan)")
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
