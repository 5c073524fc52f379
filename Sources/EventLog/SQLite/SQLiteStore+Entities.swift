public import ChatModel
internal import GRDB

extension SQLiteStore: Store {
    public func number(ofApp id: String) throws(LogFailure) -> AppNumber {
        if let known = try read({ reader in
            let find = try reader.statement("SELECT number FROM apps WHERE id = ?")
            find.bind(1, id)
            return try find.first { AppNumber(Int32($0.int(0))) }
        }) {
            return known
        }
        var number: Int64?
        try writeDurably { database in
            // Another thread may have been faster: then the update that changes nothing gives its number.
            let insert = try Prepared(
                database,
                "INSERT INTO apps (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING number")
            insert.bind(1, id)
            number = try insert.first { $0.int(0) }
        }
        guard let number else { throw LogFailure(reason: "\(path): no number for app \(id)") }
        precondition(number < 1 << (63 - MessageKey.positionBits), "a store holds at most 65,535 apps")
        return AppNumber(Int32(number))
    }

    public func positions(_ app: AppNumber) throws(LogFailure) -> LogPositions {
        try read { reader in
            try reader.statement(
                "SELECT committed, reserved, lastSentAt FROM apps WHERE number = ?", Int64(app.raw)
            ).first { LogPositions(committed: $0.int(0), reserved: $0.int(1), lastSentAt: $0.int(2)) }
                ?? LogPositions(committed: 0, reserved: 0)
        }
    }

    public func load(_ key: EntityKey) throws(LogFailure) -> LoadedEntity {
        try read { reader in
            switch key {
            case .user(let app, let uid): .user(try reader.loadUser(app, uid))
            case .group(let app, let guid): .group(try reader.loadGroup(app, guid))
            case .pair(let app, let first, let second): .pair(try reader.loadPair(app, first, second))
            case .token(let app, let hash): .token(try reader.token(app, hash))
            case .message(let app, let id): .message(try reader.record(key: MessageKey.clamped(app, id)))
            case .engagement(let app, let id, let uid): .engagement(try reader.loadEngagement(app, id, uid))
            }
        }
    }

    public func message(_ app: AppNumber, id: Int64, viewer: UserID?) throws(LogFailure) -> MessageView? {
        try read { reader in
            let viewer = try viewer.map { try reader.viewerID(app, $0) }
            return try reader.message(key: MessageKey.clamped(app, id)).map { try reader.view($0, viewer: viewer) }
        }
    }

    public func reactions(_ query: ReactionQuery) throws(LogFailure) -> ReactionPage {
        try read { reader in try reader.reactions(query) }
    }

    public func user(_ app: AppNumber, _ uid: UserID) throws(LogFailure) -> StoredUser? {
        try read { reader in try reader.userID(app, uid).flatMap { try reader.storedUser($0) } }
    }

    public func group(_ app: AppNumber, _ guid: GroupID, viewer: UserID?) throws(LogFailure) -> GroupView? {
        try read { reader in
            guard let id = try reader.groupID(app, guid), let stored = try reader.storedGroup(id) else { return nil }
            guard let viewer, let user = try reader.userID(app, viewer) else {
                return GroupView(record: stored.record, membersCount: stored.membersCount)
            }
            return GroupView(
                record: stored.record, membersCount: stored.membersCount,
                viewer: try reader.membership(id, guid, user, viewer),
                isViewerBanned: try reader.isBanned(id, user))
        }
    }

    public func blocks(
        _ app: AppNumber, of viewer: UserID, among uids: [UserID]
    ) throws(LogFailure) -> [UserID: BlockStanding] {
        try read { reader in try reader.blocks(app, of: viewer, among: uids) }
    }

    public func tokens(_ app: AppNumber, of uid: UserID) throws(LogFailure) -> [TokenRecord] {
        try read { reader in
            guard let user = try reader.userID(app, uid) else { return [] }
            return try reader.statement(
                "SELECT hash, createdAt FROM tokens WHERE user = ? ORDER BY createdAt, hash", user
            ).map { TokenRecord(hash: TokenHash($0.bytes(0)), uid: uid, createdAt: $0.int(1)) }
        }
    }

    public func token(_ app: AppNumber, _ hash: TokenHash) throws(LogFailure) -> TokenRecord? {
        try read { reader in try reader.token(app, hash) }
    }
}

extension StoreReader {
    fileprivate func token(_ app: AppNumber, _ hash: TokenHash) throws -> TokenRecord? {
        let find = try statement(
            "SELECT i.uid, t.createdAt FROM tokens t JOIN uids i ON i.id = t.user WHERE t.app = ? AND t.hash = ?",
            Int64(app.raw))
        find.bind(2, blob: hash.bytes)
        return try find.first {
            TokenRecord(hash: hash, uid: UserID(trusted: $0.text(0)), createdAt: $0.int(1))
        }
    }

    fileprivate func loadUser(_ app: AppNumber, _ uid: UserID) throws -> LoadedUser {
        guard let id = try userID(app, uid) else {
            return LoadedUser(record: nil, lastActiveAt: nil, memberships: [], friends: [])
        }
        let stored = try storedUser(id)
        let memberships = try statement(
            """
            SELECT c.guid, i.scope, i.joinedAt, i.fromSeq FROM members i JOIN conversations c ON c.id = i.conversation
            WHERE i.user = ? AND i.toSeq IS NULL ORDER BY c.guid
            """, id
        ).map { Self.membership($0, GroupID(trusted: $0.text(0)), uid, base: 1) }
        let friends = try statement(
            "SELECT i.uid FROM friends f JOIN uids i ON i.id = f.friend WHERE f.user = ? ORDER BY i.uid", id
        ).map { UserID(trusted: $0.text(0)) }
        return LoadedUser(
            record: stored?.record, lastActiveAt: stored?.lastActiveAt, memberships: memberships, friends: friends,
            blocks: try blockedUsers(id, .blockedByMe), blockedBy: try blockedUsers(id, .hasBlockedMe))
    }

    fileprivate func loadGroup(_ app: AppNumber, _ guid: GroupID) throws -> LoadedGroup {
        guard let id = try groupID(app, guid) else {
            return LoadedGroup(record: nil, members: [], conversation: LoadedConversation(marks: [], latest: []))
        }
        let members = try statement(
            """
            SELECT u.uid, i.scope, i.joinedAt, i.fromSeq FROM members i JOIN uids u ON u.id = i.user
            WHERE i.conversation = ? AND i.toSeq IS NULL ORDER BY i.fromSeq, u.uid
            """, id
        ).map { Self.membership($0, guid, UserID(trusted: $0.text(0)), base: 1) }
        return LoadedGroup(
            record: try storedGroup(id)?.record, members: members, bans: try bans(id, guid),
            conversation: try loadConversation(id))
    }

    fileprivate func loadPair(_ app: AppNumber, _ first: UserID, _ second: UserID) throws -> LoadedConversation {
        guard let one = try userID(app, first), let other = try userID(app, second),
            let id = try pairID(one, other)
        else { return LoadedConversation(marks: [], latest: []) }
        return try loadConversation(id)
    }

    private func loadConversation(_ id: Int64) throws -> LoadedConversation {
        let marks = try statement(
            """
            SELECT k.kind, i.uid, k.message, k.at, k.seq FROM marks k LEFT JOIN uids i ON i.id = k.reader
            WHERE k.conversation = ? ORDER BY k.seq, i.uid, k.kind
            """, id
        ).map { row in
            ReceiptMark(
                kind: ReceiptKind(code: row.int(0)), reader: row.optionalText(1).map { UserID(trusted: $0) },
                messageID: row.int(2), at: row.int(3), seq: row.int(4))
        }
        let latest = try statement(Self.latestSQL, id, Int64(LoadedConversation.latestMax))
            .map { (MessageKey.position($0.int(0)), $0.int(1)) }
            .map { LoadedConversation.Authored(id: $0.0, author: try uid($0.1)) }
        let pointers = try statement(Self.readPointersSQL, id).map {
            LoadedConversation.ReadPointer(reader: UserID(trusted: $0.text(0)), messageID: $0.int(1))
        }.sorted { $0.reader < $1.reader }
        return LoadedConversation(marks: marks, latest: latest.reversed(), readPointers: pointers)
    }

    static let readPointersSQL = """
        SELECT i.uid, v.readPointer FROM viewpoints v INDEXED BY viewpointsSetBack JOIN uids i ON i.id = v.user
        WHERE v.conversation = ? AND v.readPointer IS NOT NULL
        """

    static let latestSQL = """
        SELECT key, sender FROM messages WHERE conversation = ? AND category IN (0, 1, 4) ORDER BY key DESC LIMIT ?
        """
}
