public import ChatModel
internal import GRDB

extension SQLiteStore {
    public func activeCalls(_ app: AppNumber) throws(LogFailure) -> [CallRecord] {
        try read { reader in
            try reader.statement(StoreReader.activeCallsSQL, Int64(app.raw)).map { $0.int(0) }
                .compactMap { try reader.call($0)?.record }
        }
    }

    public func call(_ app: AppNumber, _ session: CallSessionID) throws(LogFailure) -> CallRecord? {
        try read { reader in
            let find = try reader.statement(StoreReader.callSQL, Int64(app.raw))
            find.bind(2, session.text)
            return try find.first { $0.int(0) }.flatMap { try reader.call($0)?.record }
        }
    }
}

extension StoreReader {
    static let activeCallsSQL = "SELECT id FROM calls WHERE app = ? AND status IN (0, 1) ORDER BY id"
    static let callSQL = "SELECT id FROM calls WHERE app = ? AND session = ?"
    static let callRowSQL = """
        SELECT k.session, k.initiator, k.receiver, c.guid, k.type, k.status, k.initiatedAt, k.participants, k.metadata,
            k.muid, c.first
        FROM calls k JOIN conversations c ON c.id = k.conversation WHERE k.id = ?
        """

    /// A call's row with the ids of its two sides.
    struct StoredCall {
        let record: CallRecord
        let initiator: Int64
        /// nil: a group.
        let receiver: Int64?
    }

    /// What a call message is about.
    struct StoredCallAction {
        let action: CallAction
        let call: StoredCall
    }

    /// nil: its group was deleted.
    fileprivate func call(_ id: Int64) throws -> StoredCall? {
        let find = try statement(Self.callRowSQL, id)
        return try find.first { row -> StoredCall? in
            let guid = row.optionalText(3).map { GroupID(trusted: $0) }
            if guid == nil, row.isNull(10) { return nil }
            let (initiator, receiver) = (row.int(1), row.optionalInt(2))
            let facts = CallFacts(
                session: CallSessionID(trusted: row.text(0)), initiator: try uid(initiator),
                receiver: try guid.map { .group($0) } ?? .user(uid(receiver ?? initiator)),
                type: CallType(code: row.int(4)), initiatedAt: row.int(6),
                metadata: row.optionalBytes(8).map(JSONBytes.init(validated:)), muid: row.optionalText(9))
            let record = CallRecord(
                facts: facts, status: CallStatus(code: row.int(5)),
                participants: CallText.decoded(row.optionalText(7)))
            return StoredCall(record: record, initiator: initiator, receiver: receiver)
        } ?? nil
    }

    /// nil: nothing is known of the message's call.
    func callAction(key: Int64, _ event: CallEvent, by: UserID) throws -> StoredCallAction? {
        let about = try statement("SELECT call, joinedAt FROM callMessages WHERE key = ?", key)
            .first { (call: $0.int(0), joinedAt: $0.optionalInt(1)) }
        guard let about, let call = try call(about.call) else { return nil }
        let action = CallAction(event: event, by: by, call: call.record.facts, joinedAt: about.joinedAt)
        return StoredCallAction(action: action, call: call)
    }

    func view(_ stored: StoredCallAction, _ message: StoredMessage) throws -> CallView {
        let receiver: MessageView.Party =
            switch stored.action.call.receiver {
            case .user: .user(try userView(stored.call.receiver ?? stored.call.initiator))
            case .group(let guid): .group(try groupView(message.conversation, guid))
            }
        return CallView(action: stored.action, initiator: try userView(stored.call.initiator), receiver: receiver)
    }
}
