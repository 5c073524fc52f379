internal import ChatModel
internal import GRDB

extension LogWriter {
    /// Inserts the call, or moves it to where it stands now.
    func write(_ record: CallRecord, _ app: AppNumber) throws {
        let facts = record.facts
        let row = try statement(
            """
            INSERT INTO calls (app, session, conversation, initiator, receiver, type, status, initiatedAt,
                participants, metadata, muid)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, session) DO UPDATE SET status = excluded.status, participants = excluded.participants
            """)
        row.bind(1, Int64(app.raw))
        row.bind(2, facts.session.text)
        row.bind(3, try names.conversation(app, facts.conversation))
        row.bind(4, try names.user(app, facts.initiator))
        row.bind(5, try facts.callee.map { try names.user(app, $0) })
        row.bind(6, facts.type.code)
        row.bind(7, record.status.code)
        row.bind(8, facts.initiatedAt)
        row.bind(9, CallText.encoded(record.participants))
        if let metadata = facts.metadata { row.bind(10, utf8: metadata.bytes) } else { row.bindNull(10) }
        row.bind(11, facts.muid)
        try row.run()
    }

    /// What the message with this key is about.
    func write(_ action: CallAction, key: Int64, _ app: AppNumber) throws {
        let row = try statement(
            """
            INSERT INTO callMessages (key, call, joinedAt) SELECT ?, id, ? FROM calls WHERE app = ? AND session = ?
            """)
        row.bind(1, key)
        row.bind(2, action.joinedAt)
        row.bind(3, Int64(app.raw))
        row.bind(4, action.call.session.text)
        try row.run()
    }

    /// Removes at most `limit` calls of a deleted group; the number removed.
    func purgeCalls(of conversation: Int64, _ limit: Int) throws -> Int {
        let rows = try statement("SELECT id FROM calls WHERE conversation = ? LIMIT ?")
            .binding(conversation, Int64(limit)).map { $0.int(0) }
        for id in rows { try run("DELETE FROM calls WHERE id = ?", id) }
        return rows.count
    }
}
