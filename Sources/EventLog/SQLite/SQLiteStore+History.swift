internal import ChatModel
internal import GRDB

extension SQLiteStore {
    /// Rows that one page may look at: a filter that matches rarely ends a page early instead of holding a reader.
    private static let examinedMax = 20_000

    public func history(_ query: HistoryQuery) throws(LogFailure) -> HistoryAnswer {
        try read { reader in
            let ascending = query.affix == .append
            var (low, high) = (MessageKey.make(query.app, 0), MessageKey.make(query.app, MessageKey.positionMax))
            if let cursor = query.cursor {
                let bound = try reader.bound(cursor, query.app, ascending: ascending)
                if ascending { low = bound } else { high = bound }
            }
            let scope: HistoryScope
            switch try reader.scope(of: query, low, high) {
            case .open(let found): scope = found
            case .closed(let answer): return answer
            }
            var feed = try MessageFeed(reader, scope.sources, ascending: ascending)
            let limit = min(max(query.limit, 1), HistoryQuery.limitMax)
            var found: [StoreReader.StoredMessage] = []
            var next: Int64?
            var examined = 0
            while let key = try feed.next() {
                guard let message = try reader.message(key: key), scope.admits(message, key),
                    query.admits(message.record)
                else {
                    examined += 1
                    guard examined < Self.examinedMax else {
                        next = MessageKey.position(key)
                        break
                    }
                    continue
                }
                guard found.count < limit else {
                    next = found.last?.record.id
                    break
                }
                found.append(message)
            }
            if !ascending { found.reverse() }
            let viewer = try query.viewer.map { try reader.viewerID(query.app, $0) }
            return .page(HistoryPage(messages: try found.map { try reader.view($0, viewer: viewer) }, next: next))
        }
    }
}

extension StoreReader {
    /// The first key to read, next to the cursor.
    fileprivate func bound(_ cursor: HistoryQuery.Cursor, _ app: AppNumber, ascending: Bool) throws -> Int64 {
        switch cursor {
        case .id(let id):
            // Outside the range of positions the bound lies past everything, on the cursor's own side.
            let (low, high) = (MessageKey.make(app, 0), MessageKey.make(app, MessageKey.positionMax))
            if id < 0 { return ascending ? low : low - 1 }
            if id > MessageKey.positionMax { return ascending ? high + 1 : high }
            return MessageKey.make(app, id) + (ascending ? 1 : -1)
        case .sentAt(let second):
            return ascending ? try firstKey(app, sentAtLeast: second + 1) : try firstKey(app, sentAtLeast: second) - 1
        }
    }

    /// The first key whose message was sent at `second` or later, or the one past the newest. Times never decrease along
    /// the log, so a search by halves finds it without an index.
    private func firstKey(_ app: AppNumber, sentAtLeast second: Int64) throws -> Int64 {
        let newest =
            try statement(
                "SELECT max(key) FROM messages WHERE key BETWEEN ? AND ?", MessageKey.make(app, 0),
                MessageKey.make(app, MessageKey.positionMax)
            ).first { $0.optionalInt(0) } ?? nil
        guard let newest else { return MessageKey.make(app, 0) }
        var (low, high) = (MessageKey.make(app, 0), newest + 1)
        while low < high {
            let middle = low + (high - low) / 2
            let found = try statement("SELECT key, sentAt FROM messages WHERE key >= ? ORDER BY key LIMIT 1", middle)
                .first { (key: $0.int(0), sentAt: $0.int(1)) }
            guard let found, found.key <= newest else { return high }
            if found.sentAt >= second { high = middle } else { low = found.key + 1 }
        }
        return low
    }
}

extension HistoryQuery {
    /// Whether the filters let the message through.
    func admits(_ record: MessageRecord) -> Bool {
        if !categories.isEmpty, !categories.contains(record.category) { return false }
        if !types.isEmpty, !types.contains(record.type) { return false }
        if !tags.isEmpty, Set(tags).isDisjoint(with: record.tags) { return false }
        if hideDeleted, record.deletion != nil { return false }
        if unreadOnly, !record.category.countsAsUnread || record.sender == viewer || record.deletion != nil {
            return false
        }
        if let parentID { return record.parentID == parentID }
        return !hideReplies || record.parentID == nil
    }
}
