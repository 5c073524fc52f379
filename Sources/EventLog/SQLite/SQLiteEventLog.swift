public import ChatModel
internal import GRDB

/// The log on an SQLite file. Owned by the log thread; make one per store.
public final class SQLiteEventLog: EventLog {
    /// Rows of each kind that one `maintain` removes at most.
    private static let removedMax = 2_000
    /// Messages whose words one `maintain` takes up at most: some milliseconds, which a commit may have to wait for.
    private static let indexedMax = 256

    private let store: SQLiteStore
    private let bootID: String
    private let feedLinesKept: Int64
    /// nil: its cache of ids may name what a failed transaction took back; made anew at the next use.
    private var writer: LogWriter?
    private var needsCheckpoint = true

    /// - Parameters:
    ///   - bootID: names this start of the log in its feeds; nil: made anew.
    ///   - feedLinesKept: lines back that a feed keeps connection events.
    public init(store: SQLiteStore, bootID: String? = nil, feedLinesKept: Int64? = nil) {
        self.store = store
        self.bootID = bootID ?? FeedRule.newBootID()
        self.feedLinesKept = feedLinesKept ?? FeedRule.linesKept
    }

    deinit {
        // Its statements go before the connection they belong to.
        writer = nil
    }

    public func commit(_ decisions: [LoggedDecision]) throws(LogFailure) -> [CommitOutcome] {
        guard !decisions.isEmpty else { return [] }
        let isSynced = store.options.durability == .power
        let outcomes = try transaction(
            syncing: { writer in !isSynced && writer.feed.needsSync(decisions) },
            { writer in try writer.apply(decisions, feedReserve: isSynced ? 0 : FeedRule.reservedAhead) })
        needsCheckpoint = true
        return outcomes
    }

    public func reserve(_ app: AppNumber, through: Int64) throws(LogFailure) {
        try store.writeDurably { database in
            let statement = try Prepared(
                database, "UPDATE apps SET reserved = max(reserved, ?) WHERE number = ? RETURNING reserved")
            statement.bind(1, through)
            statement.bind(2, Int64(app.raw))
            guard try statement.first({ $0.int(0) }) != nil else {
                throw LogFailure(reason: "\(store.path) knows no app \(app.raw)")
            }
        }
        needsCheckpoint = true
    }

    public func keep(_ positions: [HookPosition]) throws(LogFailure) {
        guard !positions.isEmpty else { return }
        try transaction { writer in for position in positions { try writer.keep(position) } }
        needsCheckpoint = true
    }

    public func maintain(nowSeconds: Int64) throws(LogFailure) -> Bool {
        let (changed, hasMore) = try transaction { writer in
            let before = writer.database.totalChangesCount
            try writer.purge(Self.removedMax)
            try writer.forgetMuids(nowSeconds: nowSeconds, Self.removedMax)
            try writer.pruneFeeds(keeping: feedLinesKept, Int64(Self.removedMax))
            try writer.sweepFeeds(Int64(Self.removedMax))
            let hasMore = try writer.indexWords(Self.indexedMax)
            try writer.indexRewords()
            return (writer.database.totalChangesCount > before, hasMore)
        }
        needsCheckpoint = needsCheckpoint || changed
        // While there is more to do at once the log's own bound on the write-ahead log is enough.
        guard needsCheckpoint, !hasMore else { return hasMore }
        // Passive: moves what no reader still needs from the write-ahead log into the file and waits for nobody.
        try store.write { database in _ = try database.checkpoint(.passive) }
        needsCheckpoint = false
        return false
    }

    /// - Parameter syncing: whether the commit must be on disk when this returns, whatever the durability.
    private func transaction<T>(
        syncing: (LogWriter) -> Bool = { _ in false }, _ body: (LogWriter) throws -> T
    ) throws(LogFailure) -> T {
        do {
            return try store.write { database in
                let writer = try self.writer ?? LogWriter(database, bootID: bootID)
                var result: T?
                try store.withSync(syncing(writer), database) {
                    try database.inTransaction(.immediate) {
                        result = try body(writer)
                        return .commit
                    }
                }
                self.writer = writer
                return result!
            }
        } catch {
            writer = nil
            throw error
        }
    }
}
