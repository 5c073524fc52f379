internal import GRDB

/// The store in one SQLite file: write-ahead log, one writer, a bounded number of snapshot readers. Any thread; blocks.
///
/// The writing half is `SQLiteEventLog`, made from it. Beside the file stand SQLite's `-wal` and `-shm` and our `-lock`,
/// all for the owner alone. Reads are in the `SQLiteStore+…` files, each in one transaction of a `StoreReader`.
public final class SQLiteStore: Sendable {
    public let path: String
    let options: StoreOptions
    let pool: DatabasePool
    private let lock: FileLock

    /// Opens the file, or makes it, and brings its tables up to date.
    ///
    /// - Throws: `LogFailure` when another process has it open, when it is no database or not ours, when a newer version
    ///   wrote it, or when it cannot be written.
    public init(path: String, options: StoreOptions = StoreOptions()) throws(LogFailure) {
        self.path = path
        self.options = options
        lock = try FileLock(path: path + "-lock")
        try FileLock.makePrivate(path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(options))
            try Self.prepare(pool, path)
            try pool.writeWithoutTransaction { database in
                // GRDB sets its own value while it opens the pool.
                try database.execute(sql: "PRAGMA synchronous = \(options.durability.synchronous)")
                try database.execute(sql: "PRAGMA cache_size = -\(options.writerCacheKiB)")
            }
        } catch let failure as LogFailure {
            throw failure
        } catch {
            throw Self.failure(error, path)
        }
    }

    private static func configuration(_ options: StoreOptions) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = options.readersMax
        // A backup tool may hold the file for a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -\(options.readerCacheKiB)")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(options.checkpointPages)")
            try database.execute(sql: "PRAGMA journal_size_limit = \(options.checkpointPages * 4096 * 4)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func prepare(_ pool: DatabasePool, _ path: String) throws {
        let migrator = Schema.migrator
        try pool.read { database in
            let application = try Int64.fetchOne(database, sql: "PRAGMA application_id")
            let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            guard isEmpty || application == Schema.applicationID else {
                throw LogFailure(reason: "\(path) is a database of another program")
            }
            guard try isEmpty || !migrator.hasBeenSuperseded(database) else {
                throw LogFailure(reason: "\(path) was written by a newer version of this program")
            }
        }
        try migrator.migrate(pool)
    }

    /// Runs `body` in one read transaction.
    func read<T>(_ body: (StoreReader) throws -> T) throws(LogFailure) -> T {
        do {
            return try pool.read { database in try body(StoreReader(database)) }
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Runs `body` on the writer, outside a transaction.
    func write<T>(_ body: (Database) throws -> T) throws(LogFailure) -> T {
        do {
            return try pool.writeWithoutTransaction(body)
        } catch {
            throw Self.failure(error, path)
        }
    }

    /// Runs `body` as one transaction that is on disk when this returns, whatever the durability.
    ///
    /// The sync covers all that was committed before.
    func writeDurably(_ body: (Database) throws -> Void) throws(LogFailure) {
        try write { database in
            try withSync(true, database) {
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        }
    }

    /// Runs `body`, which makes its own transaction, so that its commit is synced if asked.
    func withSync(_ isSynced: Bool, _ database: Database, _ body: () throws -> Void) throws {
        guard isSynced, options.durability != .power else { return try body() }
        try database.execute(sql: "PRAGMA synchronous = FULL")
        defer {
            // Cannot fail outside a transaction; if it did, commits would only be safer and slower.
            try? database.execute(sql: "PRAGMA synchronous = \(options.durability.synchronous)")
        }
        try body()
    }

    private static func failure(_ error: any Error, _ path: String) -> LogFailure {
        switch error {
        case let failure as LogFailure: failure
        case let error as DatabaseError:
            LogFailure(
                reason: error.resultCode == .SQLITE_NOTADB
                    ? "\(path) is not a database"
                    : "\(path): \(error.message ?? "unknown") (SQLite \(error.extendedResultCode.rawValue))")
        default: LogFailure(reason: "\(path): \(error)")
        }
    }
}

extension StoreOptions.Durability {
    fileprivate var synchronous: String {
        switch self {
        case .power: "FULL"
        case .process: "NORMAL"
        }
    }
}
