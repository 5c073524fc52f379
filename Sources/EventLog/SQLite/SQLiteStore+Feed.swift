public import ChatModel
internal import GRDB

extension SQLiteStore {
    public func feed(_ query: FeedQuery) throws(LogFailure) -> FeedPage {
        try read { reader in try reader.feed(query) }
    }

    public func hookPositions(_ app: AppNumber) throws(LogFailure) -> [HookPosition] {
        try read { reader in
            try reader.statement("SELECT name, through FROM hooks WHERE app = ? ORDER BY name", Int64(app.raw))
                .map { HookPosition(app: app, name: $0.text(0), through: $0.int(1)) }
        }
    }
}

extension StoreReader {
    static let feedSQL = """
        SELECT \(FeedRow.columns) FROM feed WHERE key > ? AND key <= ? ORDER BY key LIMIT ?
        """

    fileprivate func feed(_ query: FeedQuery) throws -> FeedPage {
        let app = Int64(query.app.raw)
        let end = try statement("SELECT last FROM feeds WHERE app = ?", app).first { $0.int(0) } ?? 0
        guard query.after < end else { return FeedPage(lines: [], reached: end, end: end) }
        var boots = try boots(app, after: query.after, end)
        var lines: [FeedLine] = []
        var reached = query.after
        var examinedLeft = query.limit * FeedRule.examinedPerLine
        while lines.count < query.limit, reached < end, examinedLeft > 0 {
            let wanted = query.limit - lines.count
            let rows = try statement(
                Self.feedSQL, MessageKey.make(query.app, reached), MessageKey.make(query.app, end), Int64(wanted)
            ).map { (n: MessageKey.position($0.int(0)), row: FeedRow($0)) }
            examinedLeft -= wanted
            reached = rows.count < wanted ? end : rows.last?.n ?? end
            for (n, row) in rows where query.events?.contains(row.kind.name) ?? true {
                while boots.count > 1, boots[1].first <= n { boots.removeFirst() }
                if let line = try line(n, row, query.app, boots.first?.id ?? "") { lines.append(line) }
            }
        }
        return FeedPage(lines: lines, reached: reached, end: end)
    }

    /// The starts that wrote lines behind `after`, ascending; the first may have begun before.
    private func boots(_ app: Int64, after: Int64, _ end: Int64) throws -> [(first: Int64, id: String)] {
        let before = try statement(
            "SELECT first, id FROM boots WHERE app = ? AND first <= ? ORDER BY first DESC LIMIT 1", app, after + 1
        ).map { (first: $0.int(0), id: $0.text(1)) }
        let later = try statement(
            "SELECT first, id FROM boots WHERE app = ? AND first > ? AND first <= ? ORDER BY first LIMIT ?", app,
            after + 1, end, Int64(FeedQuery.limitMax * FeedRule.examinedPerLine)
        ).map { (first: $0.int(0), id: $0.text(1)) }
        return before + later
    }

    /// nil: what it points to is gone.
    private func line(_ n: Int64, _ row: FeedRow, _ app: AppNumber, _ boot: String) throws -> FeedLine? {
        func made(_ event: FeedLine.Event, at: Int64? = nil) -> FeedLine {
            FeedLine(n: n, bootID: boot, seq: row.seq ?? 0, at: at ?? row.at ?? 0, event: event)
        }
        switch row.kind {
        case .message:
            guard let stored = try message(key: MessageKey.make(app, row.seq ?? 0)) else { return nil }
            return made(.message(try view(stored)), at: stored.record.sentAt)
        case .delivered, .read, .deliveredToAll, .readByAll:
            guard let kind = row.kind.receipt?.kind, let id = row.conversation,
                let conversation = try conversation(id)
            else { return nil }
            let mark = ReceiptMark(
                kind: kind, reader: try row.user.map { try uid($0) }, messageID: row.value ?? 0, at: row.at ?? 0,
                seq: row.seq ?? 0)
            return made(.receipts(conversation, mark))
        case .groupCreated: return made(try group(.created, row, app))
        case .groupUpdated: return made(try group(.updated, row, app))
        case .groupDeleted: return made(try group(.deleted, row, app))
        case .ownerTransferred: return made(try group(.ownerTransferred(to: uid(row.user ?? 0)), row, app))
        case .userBlocked, .userUnblocked:
            let (uid, blocked) = (try uid(row.user ?? 0), try uid(row.value ?? 0))
            return made(.block(uid, blocked: blocked, exists: row.kind == .userBlocked))
        case .reaction:
            return try reactionEvent(key: MessageKey.make(app, row.seq ?? 0)).map { made(.reaction($0)) }
        case .completion:
            return try completionEvent(key: MessageKey.make(app, row.seq ?? 0)).map { made(.completion($0)) }
        case .connected, .disconnected, .online, .offline: return try connection(row).map { made(.connection($0)) }
        }
    }

    private func group(_ change: FeedLine.GroupChange, _ row: FeedRow, _ app: AppNumber) throws -> FeedLine.Event {
        let guid = GroupID(trusted: row.detail ?? "")
        let stored = try groupID(app, guid).flatMap { try storedGroup($0) }
        return .group(change, guid, stored.map { GroupView(record: $0.record, membersCount: $0.membersCount) })
    }

    private func connection(_ row: FeedRow) throws -> ConnectionEvent? {
        let kind: ConnectionEvent.Kind
        switch row.kind {
        case .online: kind = .online
        case .offline: kind = .offline
        default:
            guard let session = row.session else { return nil }
            kind =
                row.kind == .connected
                ? .connected(session) : .disconnected(session, code: UInt16(clamping: row.value ?? 0))
        }
        return ConnectionEvent(kind: kind, uid: try uid(row.user ?? 0), at: row.at ?? 0)
    }

    /// nil: it is of a deleted group.
    private func conversation(_ id: Int64) throws -> Conversation? {
        let found = try statement("SELECT guid, first, second FROM conversations WHERE id = ?", id).first { row in
            (guid: row.optionalText(0), first: row.optionalInt(1), second: row.optionalInt(2))
        }
        guard let found else { return nil }
        if let guid = found.guid { return .group(GroupID(trusted: guid)) }
        guard let first = found.first, let second = found.second else { return nil }
        return Conversation(sender: try uid(first), receiver: .user(try uid(second)))
    }
}
