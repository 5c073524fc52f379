internal import ChatModel

extension UserQuery {
    static let order = "u.folded, u.uid"
    /// So many who are online are looked up one by one; if there are more, the app's users are walked instead.
    static let onlineFewMax = 1_000

    /// Those who are online, when only they are asked for and they are few.
    var onlineFew: Set<UserID>? {
        if case .online(let set)? = status, set.count <= Self.onlineFewMax { set } else { nil }
    }

    /// The conditions, but for a status that is judged while the users are walked.
    func filter(_ reader: StoreReader) throws -> ListFilter {
        // A plus keeps SQLite from the index by name, which walks all users of the app, where a list of ids narrows.
        let isNarrow = uids != nil || onlineFew != nil || friendsOf != nil || blocksOf != nil
        var filter = ListFilter(isNarrow ? "+u.app = ?" : "u.app = ?", .int(Int64(app.raw)))
        for uids in [uids, onlineFew.map(Array.init)].compactMap(\.self) { filter.only(uids, app) }
        if let uid = friendsOf {
            filter.add("u.id IN (SELECT friend FROM friends WHERE user = ?)", .int(try id(uid, reader)))
        }
        if let uid = blocksOf { filter.blocks(of: try id(uid, reader), direction) }
        if let uid = hidingBlockedBy {
            filter.add("u.id NOT IN (SELECT blocked FROM blocks WHERE user = ?)", .int(try id(uid, reader)))
        }
        filter.search(searchKey, in: "u.folded", "u.uid")
        filter.any(roles, "u.role IN (SELECT value FROM json_each(?))")
        filter.any(tags, ListFilter.tagged("u.tags"))
        if let uid = excluding { filter.add("u.uid <> ?", .text(uid.text)) }
        if !includesDeactivated { filter.add("u.deactivatedAt IS NULL") }
        return filter
    }

    /// -1 for one of whom nobody has spoken yet: it is no row's.
    private func id(_ uid: UserID, _ reader: StoreReader) throws -> Int64 {
        try reader.userID(app, uid) ?? -1
    }
}

extension ListFilter {
    fileprivate mutating func only(_ uids: [UserID], _ app: AppNumber) {
        add(
            "u.id IN (SELECT n.id FROM uids n WHERE n.app = ? AND n.uid IN (SELECT value FROM json_each(?)))",
            .int(Int64(app.raw)), .texts(uids.map(\.text)))
    }

    fileprivate mutating func blocks(of user: Int64, _ direction: BlockDirection) {
        switch direction {
        case .blockedByMe: add("u.id IN (SELECT blocked FROM blocks WHERE user = ?)", .int(user))
        case .hasBlockedMe: add("u.id IN (SELECT user FROM blocks WHERE blocked = ?)", .int(user))
        case .both:
            add(
                "u.id IN (SELECT blocked FROM blocks WHERE user = ? UNION SELECT user FROM blocks WHERE blocked = ?)",
                .int(user), .int(user))
        }
    }
}
