internal import ChatModel
internal import GRDB

/// What happens to a message after it was sent.
extension LogWriter {
    func countReply(to parent: Int64, by step: Int64) throws {
        try run("UPDATE messages SET replyCount = replyCount + ? WHERE key = ?", step, parent)
    }

    /// Puts the record in the place of the stored one. Both are at hand here and nowhere else.
    func replace(_ record: MessageRecord, _ app: AppNumber) throws {
        let key = MessageKey.make(app, record.id)
        // One of a deleted group is no more, though its row may still be there.
        guard let old = try StoreReader(database).record(key: key) else { return }
        let row = try statement(
            """
            UPDATE messages SET data = ?, tags = ?, mentions = ?, reactions = ?, editedAt = ?, editedBy = ?,
                deletedAt = ?, deletedBy = ?
            WHERE key = ?
            """)
        row.bind(1, utf8: record.data.bytes)
        row.bind(2, record.tags.isEmpty ? nil : TextList.encoded(record.tags))
        row.bind(3, record.mentions.isEmpty ? nil : TextList.encoded(record.mentions.map(\.text)))
        row.bind(4, StoredCounts.encoded(record.reactions))
        row.bind(5, record.edit?.at)
        row.bind(6, try record.edit.map { try names.user(app, $0.by) })
        row.bind(7, record.deletion?.at)
        row.bind(8, try record.deletion.map { try names.user(app, $0.by) })
        row.bind(9, key)
        try row.run()
        guard old.deletion == nil, record.deletion != nil else { return }
        if let parent = old.parentID { try countReply(to: MessageKey.clamped(app, parent), by: -1) }
        try forgetEngagement(with: key)
    }

    /// Removes all that users did with a message.
    func forgetEngagement(with message: Int64) throws {
        try run("DELETE FROM reactions WHERE message = ?", message)
        try run("DELETE FROM interactions WHERE message = ?", message)
        try run("DELETE FROM completions WHERE message = ?", message)
    }

    func write(_ change: ReactionChange, _ app: AppNumber, _ seq: Int64) throws {
        let message = MessageKey.clamped(app, change.messageID)
        let given = MessageKey.clamped(app, change.id)
        guard try StoreReader(database).record(key: message) != nil else { return }
        if !change.isAdded { try run("UPDATE reactions SET stands = 0 WHERE key = ?", given) }
        let row = try statement(
            """
            INSERT OR REPLACE INTO reactions (key, message, conversation, user, given, at, stands, reaction, session)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        row.bind(1, MessageKey.make(app, seq))
        row.bind(2, message)
        row.bind(3, try names.conversation(app, change.conversation))
        row.bind(4, try names.user(app, change.uid))
        row.bind(5, given)
        row.bind(6, change.at)
        row.bind(7, change.isAdded ? 1 : 0)
        row.bind(8, change.reaction)
        row.bind(9, change.originSession?.text)
        try row.run()
        let counts = try statement("UPDATE messages SET reactions = ? WHERE key = ?")
        counts.bind(1, StoredCounts.encoded(change.counts))
        counts.bind(2, message)
        try counts.run()
    }

    func write(_ change: InteractionChange, _ app: AppNumber, _ seq: Int64) throws {
        let message = MessageKey.clamped(app, change.messageID)
        guard try StoreReader(database).record(key: message) != nil else { return }
        let user = try names.user(app, change.uid)
        for interaction in change.interactions {
            let row = try statement(
                "INSERT OR IGNORE INTO interactions (message, user, element, at, seq) VALUES (?, ?, ?, ?, ?)")
            row.bind(1, message)
            row.bind(2, user)
            row.bind(3, interaction.elementID)
            row.bind(4, interaction.at)
            row.bind(5, seq)
            try row.run()
        }
        guard let completion = change.completion else { return }
        let row = try statement(
            "INSERT OR IGNORE INTO completions (key, message, user, author, session) VALUES (?, ?, ?, ?, ?)")
        row.bind(1, MessageKey.make(app, seq))
        row.bind(2, message)
        row.bind(3, user)
        row.bind(4, try completion.author.map { try names.user(app, $0) })
        row.bind(5, completion.originSession?.text)
        try row.run()
    }
}
