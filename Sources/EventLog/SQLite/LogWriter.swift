internal import ChatModel
internal import GRDB

/// Writes decisions inside an open transaction. Confined to the writer's connection.
///
/// Statements are prepared once; what rows of names are called is remembered. After a transaction that failed it may
/// remember ids that were taken back, so it is thrown away then.
final class LogWriter {
    let database: Database
    let names: NameTable
    private let ordinals: OrdinalTable
    /// The newest key of each conversation that the transaction wrote to.
    private var lasts: [Int64: Int64] = [:]
    let feed: FeedWriter
    private var statements: [StaticKey: Prepared] = [:]
    private let insertMessage: Prepared
    private let claimMuid: Prepared

    /// A statement's text, compared by address: each call site has one literal.
    private struct StaticKey: Hashable {
        let address: UInt

        init(_ sql: StaticString) {
            // SAFETY: only compared, never followed.
            address = unsafe UInt(bitPattern: sql.utf8Start)
        }
    }

    init(_ database: Database, bootID: String) throws {
        self.database = database
        names = try NameTable(database)
        ordinals = try OrdinalTable(database)
        feed = try FeedWriter(database, names, bootID: bootID)
        insertMessage = try Prepared(database, Self.insertMessageSQL)
        claimMuid = try Prepared(
            database, "INSERT INTO muids (sender, hash, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    }

    /// - Parameter feedReserve: numbers of a feed that are reserved ahead when they run out.
    func apply(_ decisions: [LoggedDecision], feedReserve: Int64) throws -> [CommitOutcome] {
        var outcomes: [CommitOutcome] = []
        outcomes.reserveCapacity(decisions.count)
        var progress: [AppNumber: (committed: Int64, lastSentAt: Int64)] = [:]
        for decision in decisions {
            if let first = try duplicate(decision) {
                outcomes.append(.duplicate(of: first))
                continue
            }
            var reached = progress[decision.app] ?? (0, 0)
            reached.committed = max(reached.committed, decision.seq)
            for change in decision.changes {
                let line = try FeedEntry(change) { guid in try owner(of: guid, decision.app) }
                if case .message(let record) = change {
                    reached.lastSentAt = max(reached.lastSentAt, record.sentAt)
                    try insert(record, decision.app)
                } else {
                    try apply(change, decision.app, decision.seq)
                }
                if let line { try feed.append(line, decision.app, seq: decision.seq, at: decision.at) }
            }
            progress[decision.app] = reached
            outcomes.append(.committed)
        }
        try writeLasts()
        try indexRewords()
        for (app, reached) in progress {
            let update = try statement(
                """
                UPDATE apps SET committed = max(committed, ?), reserved = max(reserved, ?),
                    lastSentAt = max(lastSentAt, ?)
                WHERE number = ?
                """)
            update.bind(1, reached.committed)
            update.bind(2, reached.committed)
            update.bind(3, reached.lastSentAt)
            update.bind(4, Int64(app.raw))
            try update.run()
        }
        try feed.flush(reservingAhead: feedReserve) { try statement($0) }
        return outcomes
    }

    private func writeLasts() throws {
        for (conversation, key) in lasts {
            try run("UPDATE conversations SET last = ? WHERE id = ?", key, conversation)
        }
        lasts.removeAll(keepingCapacity: true)
    }

    private func owner(of guid: GroupID, _ app: AppNumber) throws -> UserID? {
        guard let conversation = try names.knownGroup(app, guid) else { return nil }
        return try statement("SELECT uid FROM uids WHERE id = (SELECT owner FROM groups WHERE conversation = ?)")
            .binding(conversation).first { UserID(trusted: $0.text(0)) }
    }

    /// The statement for a literal of this file or an extension's, prepared at its first use.
    func statement(_ sql: StaticString) throws -> Prepared {
        let key = StaticKey(sql)
        if let known = statements[key] { return known }
        let made = try Prepared(database, sql.description)
        statements[key] = made
        return made
    }

    /// The earlier message that makes the decision's own a duplicate: same sender and `muid`, less than 24 h older.
    /// Without one the muid is the new message's from here on.
    private func duplicate(_ decision: LoggedDecision) throws -> MessageRecord? {
        for change in decision.changes {
            guard case .message(let record) = change, let muid = record.muid else { continue }
            let (sender, hash) = (try names.user(decision.app, record.sender), MuidRule.hash(muid))
            let key = MessageKey.make(decision.app, record.id)
            claimMuid.bind(1, sender)
            claimMuid.bind(2, hash)
            claimMuid.bind(3, key)
            try claimMuid.run()
            if database.changesCount > 0 { continue }
            let find = try statement("SELECT key FROM muids WHERE sender = ? AND hash = ?").binding(sender, hash)
            // A deleted group's message is no more, though its row may still be there.
            if let known = try find.first({ $0.int(0) }), let first = try StoreReader(database).record(key: known),
                first.muid == muid, record.sentAt - first.sentAt < MuidRule.windowSeconds
            {
                return first
            }
            try statement("UPDATE muids SET key = ? WHERE sender = ? AND hash = ?").binding(key, sender, hash).run()
        }
        return nil
    }

    private static let insertMessageSQL = """
        INSERT INTO messages (key, conversation, sender, receiver, category, sentAt, parent, action, actionBy, actionOn,
            type, muid, session, tags, data, target, scopes, editedAt, editedBy, deletedAt, deletedBy, ordinal, own,
            mentions)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private func insert(_ record: MessageRecord, _ app: AppNumber) throws {
        let sender = try names.user(app, record.sender)
        let row = insertMessage
        let key = MessageKey.make(app, record.id)
        let conversation: Int64
        row.bind(1, key)
        switch record.receiver {
        case .user(let uid):
            let receiver = try names.user(app, uid)
            conversation = try names.pair(app, sender, receiver)
            row.bind(4, receiver)
        case .group(let guid):
            conversation = try names.group(app, guid)
            row.bindNull(4)
        }
        row.bind(2, conversation)
        row.bind(3, sender)
        row.bind(5, record.category.code)
        row.bind(6, record.sentAt)
        row.bind(7, record.parentID.map { MessageKey.clamped(app, $0) })
        let subject = record.subject.map(StoredSubject.init)
        row.bind(8, subject?.code)
        row.bind(9, try subject.map { try names.user(app, $0.by) })
        row.bind(10, try subject?.on.map { try names.user(app, $0) })
        row.bind(11, record.type)
        row.bind(12, record.muid)
        row.bind(13, record.originSession?.text)
        row.bind(14, record.tags.isEmpty ? nil : TextList.encoded(record.tags))
        row.bind(15, utf8: record.data.bytes)
        row.bind(16, subject?.target.map { MessageKey.clamped(app, $0) })
        row.bind(17, subject?.scopes?.code)
        row.bind(18, record.edit?.at)
        row.bind(19, try record.edit.map { try names.user(app, $0.by) })
        row.bind(20, record.deletion?.at)
        row.bind(21, try record.deletion.map { try names.user(app, $0.by) })
        let count = try ordinals.next(record, conversation, sender)
        row.bind(22, count.ordinal)
        row.bind(23, count.own)
        row.bind(24, record.mentions.isEmpty ? nil : TextList.encoded(record.mentions.map(\.text)))
        try row.run()
        if record.standsAsLast { lasts[conversation] = key }
        if let parent = record.parentID { try countReply(to: MessageKey.clamped(app, parent), by: 1) }
        if case .call(let action)? = record.subject { try write(action, key: key, app) }
    }
}
