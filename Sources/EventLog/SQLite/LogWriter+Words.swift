internal import ChatModel
internal import GRDB

/// The word index. It follows behind the log, in slices; what it has come past it keeps exact.
extension LogWriter {
    static let unsearchedSQL: StaticString = """
        SELECT key, conversation, sender, receiver, category, data FROM messages
        WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?
        """

    /// Takes up at most `limit` more messages. Returns whether there are more.
    func indexWords(_ limit: Int) throws -> Bool {
        var left = limit
        let apps = try statement("SELECT number, searched FROM apps").map { (number: $0.int(0), key: $0.int(1)) }
        for app in apps where left > 0 {
            let first = MessageKey.make(AppNumber(Int32(app.number)), 0)
            let rows = try statement(Self.unsearchedSQL)
                .binding(max(app.key + 1, first), first + MessageKey.positionMax, Int64(left)).map(WordedMessage.init)
            guard let last = rows.last else { continue }
            for row in rows { try addWords(of: row) }
            try run("UPDATE apps SET searched = ? WHERE number = ?", last.key, app.number)
            left -= rows.count
        }
        return left == 0
    }

    /// Brings the index up to date with what this transaction changed or removed.
    func indexRewords() throws {
        let old = try statement("SELECT key, conversation, sender, receiver, 0, data FROM reworded ORDER BY key")
            .map(WordedMessage.init)
        guard !old.isEmpty else { return }
        for message in old {
            if let terms = message.terms {
                let row = try statement("INSERT INTO messageWords (messageWords, rowid, terms) VALUES ('delete', ?, ?)")
                row.bind(1, message.key)
                row.bind(2, terms)
                try row.run()
            }
            let new = try statement(
                "SELECT key, conversation, sender, receiver, category, data FROM messages WHERE key = ?"
            ).binding(message.key).first(WordedMessage.init)
            if let new { try addWords(of: new) }
        }
        try run("DELETE FROM reworded")
    }

    private func addWords(of message: WordedMessage) throws {
        guard let terms = message.terms else { return }
        let row = try statement("INSERT INTO messageWords (rowid, terms) VALUES (?, ?)")
        row.bind(1, message.key)
        row.bind(2, terms)
        try row.run()
    }
}

/// A message row as the word index sees it.
private struct WordedMessage {
    let key: Int64
    /// nil: it has no words.
    let terms: String?

    /// From `key, conversation, sender, receiver, category, data`.
    init(_ row: borrowing PreparedRow) {
        key = row.int(0)
        terms =
            MessageCategory(code: row.int(4)) == .message
            ? WordTerms.text(
                SearchText.words(of: row.bytes(5)), conversation: row.int(1), sender: row.int(2),
                receiver: row.optionalInt(3)) : nil
    }
}
