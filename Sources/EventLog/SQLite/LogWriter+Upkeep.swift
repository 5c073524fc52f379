internal import ChatModel
internal import GRDB

/// Work for idle moments, in bounded slices.
extension LogWriter {
    private struct MuidHolder {
        let key: Int64
        let sender: Int64
        let muid: String?
        let sentAt: Int64
    }

    /// Removes at most `limit` messages and calls of deleted groups, and each group that has none left.
    func purge(_ limit: Int) throws {
        let dead = try statement("SELECT id, app FROM conversations WHERE first IS NULL AND guid IS NULL LIMIT 1")
        var left = limit
        while left > 0, let (conversation, app) = try dead.first({ ($0.int(0), $0.int(1)) }) {
            let rows = try statement("SELECT key, sender, muid, sentAt FROM messages WHERE conversation = ? LIMIT ?")
                .binding(conversation, Int64(left)).map(Self.holder)
            for row in rows {
                try forget(row)
                try forgetEngagement(with: row.key)
                try run("DELETE FROM messages WHERE key = ?", row.key)
                try run("DELETE FROM callMessages WHERE key = ?", row.key)
            }
            let calls = try purgeCalls(of: conversation, left - rows.count)
            if rows.count + calls < left {
                try run("DELETE FROM conversations WHERE id = ?", conversation)
                try sweepFeed(ofApp: app)
            }
            left -= max(rows.count + calls, 1)
        }
    }

    /// Takes the muid from at most `limit` messages of each app that are older than a muid lives.
    func forgetMuids(nowSeconds: Int64, _ limit: Int) throws {
        // An hour more, for a clock that was set back.
        let expired = nowSeconds - MuidRule.windowSeconds - 3_600
        let apps = try statement("SELECT number, muidsForgotten FROM apps").map { (number: $0.int(0), key: $0.int(1)) }
        for app in apps {
            let last = MessageKey.make(AppNumber(Int32(app.number)), MessageKey.positionMax)
            let first = max(app.key + 1, last - MessageKey.positionMax)
            let rows = try statement(
                "SELECT key, sender, muid, sentAt FROM messages WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?"
            ).binding(first, last, Int64(limit)).map(Self.holder).prefix { $0.sentAt < expired }
            guard let newest = rows.last else { continue }
            for row in rows { try forget(row) }
            try run("UPDATE apps SET muidsForgotten = ? WHERE number = ?", newest.key, app.number)
        }
    }

    private static func holder(_ row: borrowing PreparedRow) -> MuidHolder {
        MuidHolder(key: row.int(0), sender: row.int(1), muid: row.optionalText(2), sentAt: row.int(3))
    }

    /// Unless a newer message has taken the muid over.
    private func forget(_ row: MuidHolder) throws {
        guard let muid = row.muid else { return }
        try run("DELETE FROM muids WHERE sender = ? AND hash = ? AND key = ?", row.sender, MuidRule.hash(muid), row.key)
    }
}
