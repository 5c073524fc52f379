public import ChatModel
internal import GRDB

extension SQLiteStore {
    public func users(_ query: UserQuery) throws(LogFailure) -> Page<StoredUser> {
        try read { reader in
            let filter = try query.filter(reader)
            guard let status = query.status, query.onlineFew == nil else {
                return try reader.page(
                    filter, "SELECT \(StoreReader.userColumns) FROM users u", "SELECT count(*) FROM users u",
                    order: UserQuery.order, query.page
                ) { StoreReader.user($0) }
            }
            // The set is no table: the ids are walked in order and judged here.
            let ids = try reader.list(filter, "SELECT u.uid, u.id FROM users u", order: UserQuery.order) { row in
                status.admits(UserID(trusted: row.text(0))) ? row.int(1) : nil
            }
            return Page(
                items: try ids.dropFirst(query.page.offset).prefix(query.page.size).compactMap {
                    try reader.storedUser($0)
                },
                total: ids.count)
        }
    }

    public func groups(_ query: GroupQuery) throws(LogFailure) -> Page<GroupView> {
        try read { reader in
            let viewer = try query.viewer.flatMap { try reader.userID(query.app, $0) } ?? -1
            // The viewer's parameters stand in the joins, before all conditions.
            var filter = ListFilter("g.app = ?", .int(viewer), .int(viewer), .int(Int64(query.app.raw)))
            filter.search(query.searchKey, in: "g.folded", "g.guid")
            filter.any(query.tags, ListFilter.tagged("g.tags"))
            filter.any(
                query.types.map { String($0.code) }, "CAST(g.type AS TEXT) IN (SELECT value FROM json_each(?))")
            if query.joinedOnly {
                filter.add("v.user IS NOT NULL")
            } else if query.viewer != nil {
                filter.add("(g.type <> ? OR v.user IS NOT NULL)", .int(GroupType.secret.code))
            }
            let tables = """
                \(StoreReader.groupTables)
                LEFT JOIN members v ON v.conversation = g.conversation AND v.user = ? AND v.toSeq IS NULL
                LEFT JOIN bans x ON x.conversation = g.conversation AND x.user = ?
                """
            return try reader.page(
                filter,
                "SELECT \(StoreReader.groupColumns), v.user, v.scope, v.joinedAt, v.fromSeq, x.user FROM \(tables)",
                "SELECT count(*) FROM \(tables)", order: "g.folded, g.guid", query.page
            ) { row in
                let (record, count) = StoreReader.group(row)
                let membership = query.viewer.flatMap { viewer in
                    row.isNull(12) ? nil : StoreReader.membership(row, record.guid, viewer, base: 13)
                }
                return GroupView(
                    record: record, membersCount: count, viewer: membership, isViewerBanned: !row.isNull(16))
            }
        }
    }

    public func members(_ query: MemberQuery) throws(LogFailure) -> Page<StoredMember> {
        try read { reader in
            guard let group = try reader.groupID(query.app, query.guid) else { return Page(items: [], total: 0) }
            var filter = ListFilter("i.conversation = ? AND i.toSeq IS NULL", .int(group))
            filter.search(query.searchKey, in: "coalesce(u.folded, n.uid)", "n.uid")
            filter.any(
                query.scopes.map { String($0.code) }, "CAST(i.scope AS TEXT) IN (SELECT value FROM json_each(?))")
            let tables = "members i JOIN uids n ON n.id = i.user LEFT JOIN users u ON u.id = i.user"
            let order = "i.fromSeq, n.uid"
            let columns = "SELECT n.uid, i.scope, i.joinedAt, i.fromSeq, \(StoreReader.userColumns) FROM \(tables)"
            guard let status = query.status else {
                return try reader.page(filter, columns, "SELECT count(*) FROM \(tables)", order: order, query.page) {
                    StoreReader.member($0, query.guid)
                }
            }
            // As with users: the set is no table.
            let places = try reader.list(filter, "SELECT n.uid FROM \(tables)", order: order) { row in
                let uid = UserID(trusted: row.text(0))
                return status.admits(uid) ? uid : nil
            }
            let shown = places.dropFirst(query.page.offset).prefix(query.page.size)
            filter.add("n.uid IN (SELECT value FROM json_each(?))", .texts(shown.map(\.text)))
            return Page(
                items: try reader.list(filter, columns, order: order) { StoreReader.member($0, query.guid) },
                total: places.count)
        }
    }
}

extension StoreReader {
    /// From `uid, scope, joinedAt, fromSeq` and `userColumns`.
    fileprivate static func member(_ row: borrowing PreparedRow, _ guid: GroupID) -> StoredMember {
        let uid = UserID(trusted: row.text(0))
        return StoredMember(
            user: row.isNull(4)
                ? StoredUser(record: .placeholder(uid), lastActiveAt: nil) : StoreReader.user(row, base: 4),
            membership: membership(row, guid, uid, base: 1))
    }
}

extension UserQuery.Status {
    func admits(_ uid: UserID) -> Bool {
        switch self {
        case .online(let set): set.contains(uid)
        case .offline(let online): !online.contains(uid)
        }
    }
}
