internal import ChatModel
internal import GRDB

/// Appends lines to the feeds, in the transaction of what they tell of, and gives them their numbers. Confined to the
/// writer's connection.
///
/// Numbers are counted in memory and written once per transaction and app. Where commits are not synced, numbers are
/// reserved ahead by one that is, and a start goes on behind what was reserved: so none is given twice, whatever is
/// lost. A failed transaction takes its numbers back; nobody has seen them.
final class FeedWriter {
    private struct Counter {
        var last: Int64
        var reserved: Int64
        /// Lines behind `feeds.pruned`.
        var unpruned: Int64
        var isChanged = false
    }

    private let database: Database
    private let names: NameTable
    private let bootID: String
    private let insert: Prepared
    private var counters: [AppNumber: Counter] = [:]

    init(_ database: Database, _ names: NameTable, bootID: String) throws {
        self.database = database
        self.names = names
        self.bootID = bootID
        insert = try Prepared(
            database, "INSERT INTO feed (\(FeedRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    }

    /// Whether the batch may use up the reserved numbers: then its commit must be synced.
    func needsSync(_ decisions: [LoggedDecision]) -> Bool {
        var lines: [AppNumber: Int64] = [:]
        for decision in decisions { lines[decision.app, default: 0] += Int64(decision.changes.count) }
        return lines.contains { app, count in
            counters[app].map { $0.last + count > $0.reserved } ?? true
        }
    }

    func append(_ entry: FeedEntry, _ app: AppNumber, seq: Int64, at: Int64) throws {
        var counter = try counter(app)
        counter.last += 1
        counter.unpruned += 1
        counter.isChanged = true
        counters[app] = counter
        let line = try FeedRow(entry, app, seq: seq, at: at, names)
        insert.bind(1, MessageKey.make(app, counter.last))
        insert.bind(2, line.kind.rawValue)
        insert.bind(3, line.seq)
        insert.bind(4, line.at)
        insert.bind(5, line.user)
        insert.bind(6, line.conversation)
        insert.bind(7, line.value)
        insert.bind(8, line.detail)
        try insert.run()
    }

    /// Writes the counters that moved, at the end of a transaction.
    ///
    /// - Parameter ahead: numbers to reserve beyond those given when they have run out.
    func flush(reservingAhead ahead: Int64, _ statement: (StaticString) throws -> Prepared) throws {
        for (app, var counter) in counters where counter.isChanged {
            if counter.last > counter.reserved { counter.reserved = counter.last + ahead }
            counter.isChanged = false
            counters[app] = counter
            try statement("UPDATE feeds SET last = ?, reserved = ?, unpruned = ? WHERE app = ?")
                .binding(counter.last, counter.reserved, counter.unpruned, Int64(app.raw)).run()
        }
    }

    /// After upkeep has changed the table: read again when needed.
    func forgetCounters() {
        counters.removeAll(keepingCapacity: true)
    }

    private func counter(_ app: AppNumber) throws -> Counter {
        if let known = counters[app] { return known }
        let number = Int64(app.raw)
        let find = try Prepared(database, "SELECT last, reserved, unpruned, boot FROM feeds WHERE app = ?")
        let found = try find.binding(number).first { row in
            (Counter(last: row.int(0), reserved: row.int(1), unpruned: row.int(2)), boot: row.text(3))
        }
        var counter = found?.0 ?? Counter(last: 0, reserved: 0, unpruned: 0)
        if found?.boot != bootID {
            counter.last = max(counter.last, counter.reserved)
            try begin(number, after: counter.last)
        }
        counters[app] = counter
        return counter
    }

    /// This start's first line is the one behind `last`.
    private func begin(_ app: Int64, after last: Int64) throws {
        let feed = try Prepared(
            database,
            """
            INSERT INTO feeds (app, last, reserved, boot) VALUES (?, ?, ?, ?)
            ON CONFLICT (app) DO UPDATE SET last = excluded.last, boot = excluded.boot
            """)
        feed.bind(1, app)
        feed.bind(2, last)
        feed.bind(3, last)
        feed.bind(4, bootID)
        try feed.run()
        let boot = try Prepared(database, "INSERT OR REPLACE INTO boots (app, first, id) VALUES (?, ?, ?)")
        boot.bind(1, app)
        boot.bind(2, last + 1)
        boot.bind(3, bootID)
        try boot.run()
    }
}
