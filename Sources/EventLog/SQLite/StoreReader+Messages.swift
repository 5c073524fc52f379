internal import ChatModel
internal import GRDB

extension StoreReader {
    /// A message row with the ids of its entities.
    struct StoredMessage {
        let key: Int64
        let record: MessageRecord
        let conversation: Int64
        let sender: Int64
        let receiver: Int64?
        let on: Int64?
        /// The key of the message that it changed.
        let target: Int64?
        let call: StoredCallAction?

        func with(reactions: [ReactionCount]) -> StoredMessage {
            StoredMessage(
                key: key, record: record.with(reactions: reactions), conversation: conversation, sender: sender,
                receiver: receiver, on: on, target: target, call: call)
        }
    }

    static let messageSQL = """
        SELECT m.key, m.conversation, m.sender, m.receiver, c.guid, m.category, m.sentAt, m.parent, m.action,
            m.actionBy, m.actionOn, m.type, m.muid, m.session, m.tags, m.data, c.first, m.target, m.scopes,
            m.editedAt, m.editedBy, m.deletedAt, m.deletedBy, m.mentions, m.replyCount, m.reactions
        FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.key = ?
        """

    /// nil: there is none, or its group was deleted.
    func message(key: Int64) throws -> StoredMessage? {
        let find = try statement(Self.messageSQL, key)
        return try find.first { row -> StoredMessage? in
            let (sender, receiver) = (row.int(2), row.optionalInt(3))
            let guid = row.optionalText(4).map { GroupID(trusted: $0) }
            if guid == nil, row.isNull(16) { return nil }
            let category = MessageCategory(code: row.int(5))
            let call = try category == .call ? callAction(key: key, row) : nil
            let subject = try category == .call ? call.map { .call($0.action) } : subject(row)
            let record = MessageRecord(
                id: MessageKey.position(key), muid: row.optionalText(12), sender: try uid(sender),
                receiver: try guid.map { .group($0) } ?? .user(uid(receiver ?? sender)),
                category: category, type: row.text(11),
                data: JSONBytes(validated: row.bytes(15)), tags: row.optionalText(14).map(TextList.decoded) ?? [],
                parentID: row.optionalInt(7).map(MessageKey.position), sentAt: row.int(6),
                originSession: row.optionalText(13).flatMap { SessionID($0) }, subject: subject,
                edit: try stamp(row, 19), deletion: try stamp(row, 21),
                mentions: row.optionalText(23).map(TextList.decoded)?.map { UserID(trusted: $0) } ?? [],
                replyCount: Int(row.int(24)), reactions: row.optionalText(25).map(StoredCounts.decoded) ?? [])
            return StoredMessage(
                key: key, record: record, conversation: row.int(1), sender: sender, receiver: receiver,
                on: row.optionalInt(10), target: row.optionalInt(17), call: call)
        } ?? nil
    }

    private func subject(_ row: borrowing PreparedRow) throws -> MessageSubject? {
        guard let code = row.optionalInt(8) else { return nil }
        return StoredSubject(
            code: code, by: try uid(row.int(9)), on: try row.optionalInt(10).map { try uid($0) },
            target: row.optionalInt(17).map(MessageKey.position),
            scopes: row.optionalInt(18).map { ScopeChange(code: $0) }
        ).subject
    }

    private func callAction(key: Int64, _ row: borrowing PreparedRow) throws -> StoredCallAction? {
        guard let code = row.optionalInt(8) else { return nil }
        return try callAction(key: key, CallEvent(code: code), by: try uid(row.int(9)))
    }

    func record(key: Int64) throws -> MessageRecord? {
        try message(key: key)?.record
    }

    /// `viewer`: for whom it is; nil: for several. `isReplay`: what an action shows of reactions is that of its own time,
    /// as the later ones are replayed after it.
    func view(_ message: StoredMessage, viewer: Int64? = nil, isReplay: Bool = false) throws -> MessageView {
        let receiver: MessageView.Party =
            switch message.record.receiver {
            case .user: .user(try userView(message.receiver ?? message.sender))
            case .group(let guid): .group(try groupView(message.conversation, guid))
            }
        let read = try passage(message, .read)
        // Reading implies delivery.
        let delivered = try passage(message, .delivered).map { min($0, read ?? $0) } ?? read
        return MessageView(
            message: message.record, sender: try userView(message.sender), receiver: receiver,
            on: try entity(of: message, viewer, isReplay), deliveredAt: delivered, readAt: read,
            mentions: try mentioned(message),
            viewer: try viewer.map { try engagement(of: $0, with: message.record, key: message.key) })
    }

    /// The changed message, which is always an older one, is shown as it stands now.
    private func entity(
        of message: StoredMessage, _ viewer: Int64?, _ isReplay: Bool
    ) throws -> MessageView.Entity? {
        if let key = message.target, MessageKey.position(key) < message.record.id {
            guard var target = try self.message(key: key) else { return nil }
            if isReplay, !target.record.reactions.isEmpty {
                target = target.with(reactions: try reactions(of: target.record, key, at: message.record.id))
            }
            return .message(try view(target, viewer: viewer))
        }
        if let call = message.call { return .call(try view(call, message)) }
        return try message.on.map { .user(try userView($0)) }
    }

    private func stamp(_ row: borrowing PreparedRow, _ column: Int32) throws -> MessageStamp? {
        guard let at = row.optionalInt(column), let by = row.optionalInt(column + 1) else { return nil }
        return MessageStamp(by: try uid(by), at: at)
    }

    /// When the receiver's mark of a 1:1 message passed it.
    private func passage(_ message: StoredMessage, _ kind: ReceiptKind) throws -> Int64? {
        guard let receiver = message.receiver, receiver != message.sender else { return nil }
        return try statement(
            """
            SELECT at FROM passages
            WHERE conversation = ? AND reader = ? AND kind = ? AND message >= ? ORDER BY message LIMIT 1
            """, message.conversation, receiver, kind.code, message.record.id
        ).first { $0.int(0) }
    }

    /// The newest message of `author` at or below `through` that receipts are about.
    func newestAuthored(_ app: AppNumber, _ author: Int64, _ conversation: Int64, isPair: Bool, through: Int64) throws
        -> Int64?
    {
        try statement(isPair ? Self.newestOfPairSQL : Self.newestOfGroupSQL)
            .binding(conversation, author, MessageKey.clamped(app, through))
            .first { MessageKey.position($0.int(0)) }
    }

    /// The plus keeps the planner on the conversation: in a pair the author's next message is never far.
    static let newestOfPairSQL = """
        SELECT key FROM messages
        WHERE conversation = ? AND +sender = ? AND key <= ? AND category IN (0, 1, 4) ORDER BY key DESC LIMIT 1
        """
    static let newestOfGroupSQL = """
        SELECT key FROM messages
        WHERE conversation = ? AND sender = ? AND key <= ? AND receiver IS NULL AND category IN (0, 1, 4)
        ORDER BY key DESC LIMIT 1
        """
}

extension Prepared {
    /// Binds integers from the first parameter on.
    func binding(_ values: Int64...) -> Prepared {
        for (index, value) in values.enumerated() { bind(Int32(index + 1), value) }
        return self
    }
}
