internal import ChatModel
internal import GRDB

/// One read transaction's view of the store. Confined to its connection, and to the transaction.
///
/// Users and groups are read once and shared by everything the read gives.
final class StoreReader {
    let database: Database
    private var uids: [Int64: UserID] = [:]
    private var users: [Int64: UserView] = [:]
    private var groups: [Int64: GroupView] = [:]

    init(_ database: Database) {
        self.database = database
    }

    /// A statement of this read; `sql` is cached by the connection, so it comes from a small fixed set.
    func statement(_ sql: String) throws -> Prepared {
        try Prepared(cached: database, sql)
    }

    /// A cached statement with integers bound, which is what most of them take.
    func statement(_ sql: String, _ values: Int64...) throws -> Prepared {
        let prepared = try Prepared(cached: database, sql)
        for (index, value) in values.enumerated() { prepared.bind(Int32(index + 1), value) }
        return prepared
    }

    // MARK: From names to ids; nil: nobody has spoken of it

    func userID(_ app: AppNumber, _ uid: UserID) throws -> Int64? {
        let find = try statement("SELECT id FROM uids WHERE app = ? AND uid = ?", Int64(app.raw))
        find.bind(2, uid.text)
        return try find.first { $0.int(0) }
    }

    func groupID(_ app: AppNumber, _ guid: GroupID) throws -> Int64? {
        let find = try statement("SELECT id FROM conversations WHERE app = ? AND guid = ?", Int64(app.raw))
        find.bind(2, guid.text)
        return try find.first { $0.int(0) }
    }

    func pairID(_ one: Int64, _ other: Int64) throws -> Int64? {
        try statement("SELECT id FROM conversations WHERE first = ? AND second = ?", min(one, other), max(one, other))
            .first { $0.int(0) }
    }

    // MARK: From ids to what they stand for

    func uid(_ id: Int64) throws -> UserID {
        if let known = uids[id] { return known }
        let found = try statement("SELECT uid FROM uids WHERE id = ?", id).first { UserID(trusted: $0.text(0)) }
        guard let found else { throw DatabaseError(message: "no uid \(id)") }
        uids[id] = found
        return found
    }

    static let userColumns = """
        u.uid, u.name, u.avatar, u.link, u.role, u.metadata, u.statusMessage, u.tags, u.email, u.credits, u.createdAt, \
        u.updatedAt, u.deactivatedAt, u.lastActiveAt
        """

    /// From `userColumns`, which begin at column `base`.
    static func user(_ row: borrowing PreparedRow, base: Int32 = 0) -> StoredUser {
        let record = UserRecord(
            uid: UserID(trusted: row.text(base)), name: row.text(base + 1), avatar: row.optionalText(base + 2),
            link: row.optionalText(base + 3), role: row.text(base + 4),
            metadata: row.optionalBytes(base + 5).map(JSONBytes.init(validated:)),
            statusMessage: row.optionalText(base + 6),
            tags: row.optionalText(base + 7).map(TextList.decoded) ?? [], email: row.optionalText(base + 8),
            credits: row.optionalInt(base + 9), createdAt: row.int(base + 10), updatedAt: row.optionalInt(base + 11),
            deactivatedAt: row.optionalInt(base + 12))
        return StoredUser(record: record, lastActiveAt: row.optionalInt(base + 13))
    }

    /// nil: there is no record, whether or not the uid was ever spoken of.
    func storedUser(_ id: Int64) throws -> StoredUser? {
        try statement("SELECT \(Self.userColumns) FROM users u WHERE u.id = ?", id).first { Self.user($0) }
    }

    /// The user, or the placeholder.
    func userView(_ id: Int64) throws -> UserView {
        if let known = users[id] { return known }
        let stored = try storedUser(id) ?? StoredUser(record: .placeholder(uid(id)), lastActiveAt: nil)
        let view = UserView(record: stored.record, online: false, lastActiveAt: stored.lastActiveAt)
        users[id] = view
        return view
    }

    static let groupColumns = """
        g.guid, g.name, g.type, g.passwordHash, g.icon, g.description, o.uid, g.metadata, g.tags, g.createdAt, \
        g.updatedAt, c.membersCount
        """
    static let groupTables = """
        groups g JOIN conversations c ON c.id = g.conversation JOIN uids o ON o.id = g.owner
        """

    /// From `groupColumns`, which begin at column 0.
    static func group(_ row: borrowing PreparedRow) -> (record: GroupRecord, membersCount: Int) {
        let record = GroupRecord(
            guid: GroupID(trusted: row.text(0)), name: row.text(1), type: GroupType(code: row.int(2)),
            passwordHash: row.optionalText(3), icon: row.optionalText(4), description: row.optionalText(5),
            owner: UserID(trusted: row.text(6)), metadata: row.optionalBytes(7).map(JSONBytes.init(validated:)),
            tags: row.optionalText(8).map(TextList.decoded) ?? [], createdAt: row.int(9),
            updatedAt: row.optionalInt(10))
        return (record, Int(row.int(11)))
    }

    func storedGroup(_ conversation: Int64) throws -> (record: GroupRecord, membersCount: Int)? {
        try statement(
            "SELECT \(Self.groupColumns) FROM \(Self.groupTables) WHERE g.conversation = ?", conversation
        ).first { Self.group($0) }
    }

    /// The group as an entity of a message, without a viewer; the placeholder if there is no record.
    func groupView(_ conversation: Int64, _ guid: GroupID) throws -> GroupView {
        if let known = groups[conversation] { return known }
        let stored = try storedGroup(conversation) ?? (.placeholder(guid), membersCount: 0)
        let view = GroupView(record: stored.record, membersCount: stored.membersCount)
        groups[conversation] = view
        return view
    }

    func membership(_ conversation: Int64, _ guid: GroupID, _ user: Int64, _ uid: UserID) throws -> Membership? {
        try statement(
            """
            SELECT scope, joinedAt, fromSeq FROM members
            WHERE conversation = ? AND user = ? AND toSeq IS NULL
            """, conversation, user
        ).first { Self.membership($0, guid, uid) }
    }

    /// From `scope, joinedAt, fromSeq`, which begin at column `base`.
    static func membership(
        _ row: borrowing PreparedRow, _ guid: GroupID, _ uid: UserID, base: Int32 = 0
    ) -> Membership {
        Membership(
            guid: guid, uid: uid, scope: MemberScope(code: row.int(base)), joinedAt: row.int(base + 1),
            joinedSeq: row.int(base + 2))
    }
}

extension GroupRecord {
    /// Stands for a group without a record in messages: named by the guid, and closed.
    static func placeholder(_ guid: GroupID) -> GroupRecord {
        GroupRecord(guid: guid, name: guid.text, type: .secret, owner: UserID(trusted: "app_system"), createdAt: 0)
    }
}
