internal import ChatModel
internal import GRDB

extension SQLiteStore {
    public func bans(_ query: BanQuery) throws(LogFailure) -> Page<StoredBan> {
        try read { reader in
            guard let group = try reader.groupID(query.app, query.guid) else { return Page(items: [], total: 0) }
            var filter = ListFilter("b.conversation = ?", .int(group))
            filter.search(query.searchKey, in: "coalesce(u.folded, n.uid)", "n.uid")
            filter.any(
                query.scopes.map { String($0.code) }, "CAST(b.scope AS TEXT) IN (SELECT value FROM json_each(?))")
            let tables = "bans b JOIN uids n ON n.id = b.user LEFT JOIN users u ON u.id = b.user"
            return try reader.page(
                filter, "SELECT n.uid, b.scope, b.bannedAt, b.seq, \(StoreReader.userColumns) FROM \(tables)",
                "SELECT count(*) FROM \(tables)", order: "b.seq, n.uid", query.page
            ) { row in
                let uid = UserID(trusted: row.text(0))
                return StoredBan(
                    user: row.isNull(4)
                        ? StoredUser(record: .placeholder(uid), lastActiveAt: nil) : StoreReader.user(row, base: 4),
                    ban: StoreReader.ban(row, query.guid, uid))
            }
        }
    }
}

extension StoreReader {
    static let bansSQL = """
        SELECT n.uid, b.scope, b.bannedAt, b.seq FROM bans b JOIN uids n ON n.id = b.user
        WHERE b.conversation = ? ORDER BY b.seq
        """
    static let isBannedSQL = "SELECT 1 FROM bans WHERE conversation = ? AND user = ?"

    /// All bans of a group.
    func bans(_ conversation: Int64, _ guid: GroupID) throws -> [Ban] {
        let bans = try statement(Self.bansSQL, conversation).map { row in
            Self.ban(row, guid, UserID(trusted: row.text(0)))
        }
        return bans.sorted { $0.seq == $1.seq ? $0.uid.text.precedes($1.uid.text) : $0.seq < $1.seq }
    }

    func isBanned(_ conversation: Int64, _ user: Int64) throws -> Bool {
        try statement(Self.isBannedSQL, conversation, user).first { _ in true } ?? false
    }

    /// From `uid, scope, bannedAt, seq`.
    static func ban(_ row: borrowing PreparedRow, _ guid: GroupID, _ uid: UserID) -> Ban {
        Ban(
            guid: guid, uid: uid, scope: row.optionalInt(1).map { MemberScope(code: $0) }, bannedAt: row.int(2),
            seq: row.int(3))
    }
}
