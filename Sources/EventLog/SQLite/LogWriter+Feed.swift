internal import ChatModel
internal import GRDB

/// The feed's share of idle moments, in bounded slices, and the positions of webhooks.
extension LogWriter {
    /// Looks at no more than `limit` lines that have left the last `kept` ones of their app: connection events go, and
    /// so do marks that have moved on and whatever points to nothing any more. What stays may come to that later: for
    /// each line looked at, the sweep looks at two more, so a feed holds little more than what it must.
    func pruneFeeds(keeping kept: Int64, _ limit: Int64) throws {
        let feeds = try statement("SELECT app, pruned, unpruned FROM feeds WHERE unpruned > ?").binding(kept)
            .map { (app: $0.int(0), pruned: $0.int(1), unpruned: $0.int(2)) }
        for feed in feeds {
            let app = AppNumber(Int32(feed.app))
            let rows = try feedRows(app, after: feed.pruned, min(feed.unpruned - kept, limit))
            guard let last = rows.last else { continue }
            for (n, row) in rows where try row.kind.isFleeting || isSuperseded(row) || isGone(row, app) {
                try run("DELETE FROM feed WHERE key = ?", MessageKey.make(app, n))
            }
            try run(
                """
                UPDATE feeds SET pruned = ?1, unpruned = unpruned - ?2, sweepLeft = min(last, sweepLeft + 2 * ?2)
                WHERE app = ?3
                """, last.n, Int64(rows.count), feed.app)
        }
        if !feeds.isEmpty { feed.forgetCounters() }
    }

    /// Goes on around each feed that has a way left to go, at most `limit` lines of each, and takes out what points to
    /// what is gone, and old marks that have moved on.
    func sweepFeeds(_ limit: Int64) throws {
        let feeds = try statement("SELECT app, swept, sweepLeft, pruned, last FROM feeds WHERE sweepLeft > 0")
            .map { row in
                (app: row.int(0), swept: row.int(1), left: row.int(2), pruned: row.int(3), last: row.int(4))
            }
        for feed in feeds {
            let app = AppNumber(Int32(feed.app))
            let rows = try feedRows(app, after: feed.swept, limit)
            var unpruned: Int64 = 0
            for (n, row) in rows {
                guard try isGone(row, app) || n <= feed.pruned && isSuperseded(row) else { continue }
                try run("DELETE FROM feed WHERE key = ?", MessageKey.make(app, n))
                if n > feed.pruned { unpruned += 1 }
            }
            let reached = rows.count < limit ? feed.last : rows.last?.n ?? feed.last
            let left = max(feed.left - max(reached - feed.swept, 1), 0)
            try run(
                "UPDATE feeds SET swept = ?, sweepLeft = ?, unpruned = unpruned - ? WHERE app = ?",
                reached >= feed.last ? 0 : reached, left, unpruned, feed.app)
        }
        if !feeds.isEmpty { feed.forgetCounters() }
    }

    /// Messages of the app were removed: their lines are to be found, once around from wherever the sweep stands.
    func sweepFeed(ofApp app: Int64) throws {
        try run("UPDATE feeds SET sweepLeft = last WHERE app = ?", app)
    }

    static let feedRowsSQL: StaticString = """
        SELECT key, kind, seq, at, user, conversation, value, detail FROM feed
        WHERE key > ? AND key <= ? ORDER BY key LIMIT ?
        """

    private func feedRows(_ app: AppNumber, after n: Int64, _ limit: Int64) throws -> [(n: Int64, row: FeedRow)] {
        try statement(Self.feedRowsSQL)
            .binding(MessageKey.make(app, n), MessageKey.make(app, MessageKey.positionMax), limit)
            .map { (MessageKey.position($0.int(0)), FeedRow($0)) }
    }

    /// A mark that has moved since the line was written.
    private func isSuperseded(_ row: FeedRow) throws -> Bool {
        guard let (kind, _) = row.kind.receipt, let conversation = row.conversation else { return false }
        return try statement("SELECT seq FROM marks WHERE conversation = ? AND reader = ? AND kind = ?")
            .binding(conversation, row.user ?? 0, kind.code).first { $0.int(0) } != row.seq
    }

    private func isGone(_ row: FeedRow, _ app: AppNumber) throws -> Bool {
        if row.kind == .message {
            let find = try statement(
                """
                SELECT 1 FROM messages m JOIN conversations c ON c.id = m.conversation
                WHERE m.key = ? AND (c.first IS NOT NULL OR c.guid IS NOT NULL)
                """)
            return try find.binding(MessageKey.make(app, row.seq ?? 0)).first { _ in true } == nil
        }
        switch row.kind {
        case .reaction: return try StoreReader(database).reactionEvent(key: MessageKey.make(app, row.seq ?? 0)) == nil
        case .completion:
            return try StoreReader(database).completionEvent(key: MessageKey.make(app, row.seq ?? 0)) == nil
        default: break
        }
        guard row.kind.receipt != nil, let conversation = row.conversation else { return false }
        let find = try statement(
            "SELECT 1 FROM conversations WHERE id = ? AND (first IS NOT NULL OR guid IS NOT NULL)")
        return try find.binding(conversation).first { _ in true } == nil
    }

    // MARK: Webhooks

    func keep(_ position: HookPosition) throws {
        let row: Prepared
        if let through = position.through {
            row = try statement("INSERT OR REPLACE INTO hooks (app, name, through) VALUES (?, ?, ?)")
            row.bind(3, through)
        } else {
            row = try statement("DELETE FROM hooks WHERE app = ? AND name = ?")
        }
        row.bind(1, Int64(position.app.raw))
        row.bind(2, position.name)
        try row.run()
    }
}
