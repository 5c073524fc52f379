internal import ChatModel

/// Several runs of message keys merged into one order, without doubles. Confined to its `StoreReader`.
///
/// Each run is read in chunks that grow, so a user of two thousand groups costs two thousand short look-ups, not the
/// sorting of all that was ever missed.
struct MessageFeed {
    private struct Cursor {
        let source: MessageSource
        /// Nearest last, so that the next key is taken from the end.
        var keys: [Int64]
        /// Where the next chunk goes on; nil: the run is read out.
        var next: Int64?
        var chunk: Int64
    }

    private let reader: StoreReader
    private let ascending: Bool
    private var cursors: [Cursor] = []

    init(_ reader: StoreReader, _ sources: [MessageSource], ascending: Bool) throws {
        self.reader = reader
        self.ascending = ascending
        let first: Int64 = sources.count > 16 ? 4 : 32
        for source in sources where source.low <= source.high {
            var cursor = Cursor(
                source: source, keys: [], next: ascending ? source.low : source.high, chunk: first)
            try fill(&cursor)
            if !cursor.keys.isEmpty { cursors.append(cursor) }
        }
    }

    /// The next key in order, or nil at the end.
    mutating func next() throws -> Int64? {
        var best: Int64?
        for cursor in cursors {
            guard let key = cursor.keys.last else { continue }
            if let known = best, ascending ? known <= key : known >= key { continue }
            best = key
        }
        guard let best else { return nil }
        for index in cursors.indices where cursors[index].keys.last == best {
            cursors[index].keys.removeLast()
            if cursors[index].keys.isEmpty { try fill(&cursors[index]) }
        }
        return best
    }

    private func fill(_ cursor: inout Cursor) throws {
        guard let from = cursor.next else { return }
        let find = try cursor.source.statement(
            reader, ascending: ascending, low: ascending ? from : cursor.source.low,
            high: ascending ? cursor.source.high : from, limit: cursor.chunk)
        var keys = try find.map { $0.int(0) }
        cursor.next = keys.count < cursor.chunk ? nil : keys.last.map { ascending ? $0 + 1 : $0 - 1 }
        cursor.chunk = min(cursor.chunk * 4, 256)
        keys.reverse()
        cursor.keys = keys
    }
}

extension StoreReader {
    /// Every run that a user's own view of the log is made of, between two keys: what they sent or received, and in
    /// groups what fell into a stay of theirs or was about them.
    func sources(of user: Int64, _ app: AppNumber, low: Int64, high: Int64) throws -> [MessageSource] {
        try [MessageSource(run: .about(user), low: low, high: high)]
            + pairSources(of: user, low: low, high: high)
            + stays(of: user, app, low: low, high: high)
    }

    /// The runs of a user's stays in groups.
    func stays(of user: Int64, _ app: AppNumber, low: Int64, high: Int64) throws -> [MessageSource] {
        try statement("SELECT conversation, fromSeq, toSeq FROM members WHERE user = ?", user).map { row in
            MessageSource(
                run: .conversation(row.int(0)), low: max(low, MessageKey.clamped(app, row.int(1))),
                high: min(high, MessageKey.clamped(app, row.optionalInt(2) ?? MessageKey.positionMax)))
        }
    }

    /// The runs of a user's 1:1 conversations.
    func pairSources(of user: Int64, low: Int64, high: Int64) throws -> [MessageSource] {
        try statement(Self.pairsSQL, user, user).map { row in
            MessageSource(run: .conversation(row.int(0)), low: low, high: high)
        }
    }

    static let pairsSQL =
        "SELECT id FROM conversations WHERE first = ? UNION SELECT id FROM conversations WHERE second = ?"
}
