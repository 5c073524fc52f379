import ChatModel
import GRDB
import Testing

@testable import EventLog

@Suite struct QueryPlanTests {
    static let hot: [String] =
        [
            MessageSource.Run.app, .conversation(1), .about(1), .thread(1), .type(conversation: 1, "image"),
            .category(conversation: 1, .call), .reactions(1), .completions(1),
        ].flatMap { run in
            [true, false].map { MessageSource.sql(run, ascending: $0) }
        } + [true, false].map(MarkFeed.sql) + [
            StoreReader.messageSQL, StoreReader.newestOfPairSQL, StoreReader.newestOfGroupSQL, StoreReader.latestSQL,
            StoreReader.pairsSQL, StoreReader.laggardSQL, StoreReader.pairsOfFirstSQL, StoreReader.pairsOfSecondSQL,
            StoreReader.groupsOfUserSQL, StoreReader.viewpointsSQL, StoreReader.viewpointSQL,
            StoreReader.newestThroughSQL, StoreReader.firstStepSQL, StoreReader.newestStepSQL, StoreReader.firstOwnSQL,
            StoreReader.deletedSQL, StoreReader.readMarkSQL, StoreReader.readPointersSQL, OrdinalTable.newestSQL,
            OrdinalTable.newestOfMemberSQL, StoreReader.isBlockedSQL, StoreReader.bansSQL, StoreReader.isBannedSQL,
            StoreReader.standingSQL, StoreReader.laterReactionsSQL, StoreReader.feedSQL,
            LogWriter.feedRowsSQL.description, StoreReader.newestBehindSQL, LogWriter.unsearchedSQL.description,
            StoreReader.activeCallsSQL, StoreReader.callSQL, StoreReader.callRowSQL,
        ]
        + [(true, true), (true, false), (false, true), (false, false)].map {
            StoreReader.reactionsSQL(ofWord: $0.0, ascending: $0.1)
        }

    /// Lists that a set of ids narrows: whom one knows, is or is not blocked by, or who is online and few.
    static let narrow: [(name: String, change: @Sendable (inout UserQuery) -> Void)] = [
        ("uids", { $0.uids = [uid("a")] }), ("online", { $0.status = .online([uid("a")]) }),
        ("friends", { $0.friendsOf = uid("a") }),
        ("friends not blocked", { ($0.friendsOf, $0.hidingBlockedBy) = (uid("a"), uid("a")) }),
        ("blocked", { ($0.blocksOf, $0.direction) = (uid("a"), .blockedByMe) }),
        ("blockers", { ($0.blocksOf, $0.direction) = (uid("a"), .hasBlockedMe) }),
        ("blocks", { ($0.blocksOf, $0.direction) = (uid("a"), .both) }),
        ("searched friends", { ($0.friendsOf, $0.searchKey, $0.roles) = (uid("a"), "x", ["r"]) }),
    ]

    @Test(arguments: narrow.map(\.name)) func aNarrowListOfUsersStartsFromItsIds(_ name: String) throws {
        let bench = try Bench(.sqlite)
        let store = try #require(bench.store as? SQLiteStore)
        var query = UserQuery(app: bench.app)
        try #require(Self.narrow.first { $0.name == name }).change(&query)
        let filter = try store.read { try query.filter($0) }
        for select in ["SELECT u.uid FROM users u", "SELECT count(*) FROM users u"] {
            let sql = "\(select) WHERE \(filter.condition) ORDER BY \(UserQuery.order)"
            let plan = try explain(sql, store)
            #expect(plan.contains { $0.contains("u USING INTEGER PRIMARY KEY") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("json_each") }, "\(plan)")
        }
    }

    @Test(arguments: [StoreReader.blockedSQL, StoreReader.blockersSQL, StoreReader.hasBlocksSQL])
    func blocksAreFoundFromEitherSide(_ sql: String) throws {
        let bench = try Bench(.sqlite)
        let plan = try explain(sql, try #require(bench.store as? SQLiteStore))
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("CONSTANT ROW") }, "\(plan)")
    }

    private func explain(_ sql: String, _ store: SQLiteStore) throws -> [String] {
        try store.write { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + sql,
                arguments: StatementArguments(Array(repeating: 1, count: sql.filter { $0 == "?" }.count))
            ).map { $0["detail"] as String }
        }
    }

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
