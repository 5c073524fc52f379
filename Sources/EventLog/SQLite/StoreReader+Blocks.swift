internal import ChatModel
internal import GRDB

extension StoreReader {
    static let blockedSQL = """
        SELECT i.uid FROM blocks b JOIN uids i ON i.id = b.blocked WHERE b.user = ? ORDER BY i.uid
        """
    static let blockersSQL = """
        SELECT i.uid FROM blocks b JOIN uids i ON i.id = b.user WHERE b.blocked = ? ORDER BY i.uid
        """
    static let isBlockedSQL = "SELECT 1 FROM blocks WHERE user = ? AND blocked = ?"
    static let hasBlocksSQL = """
        SELECT EXISTS (SELECT 1 FROM blocks WHERE user = ?) OR EXISTS (SELECT 1 FROM blocks WHERE blocked = ?)
        """

    /// Whom the user has blocked, or who has blocked them, ascending; `both` is nobody's question here.
    func blockedUsers(_ user: Int64, _ direction: BlockDirection) throws -> [UserID] {
        precondition(direction != .both, "a list of both sides does not say which is which")
        return try statement(direction == .blockedByMe ? Self.blockedSQL : Self.blockersSQL, user)
            .map { UserID(trusted: $0.text(0)) }
    }

    func blocks(_ app: AppNumber, of viewer: UserID, among uids: [UserID]) throws -> [UserID: BlockStanding] {
        // Most users stand in no block at all.
        guard let me = try userID(app, viewer), try statement(Self.hasBlocksSQL, me, me).first({ $0.int(0) }) == 1
        else { return [:] }
        var found: [UserID: BlockStanding] = [:]
        for uid in uids {
            guard let other = try userID(app, uid) else { continue }
            let standing = BlockStanding(
                blockedByMe: try isBlocked(other, by: me), hasBlockedMe: try isBlocked(me, by: other))
            if standing != .clear { found[uid] = standing }
        }
        return found
    }

    private func isBlocked(_ user: Int64, by other: Int64) throws -> Bool {
        try statement(Self.isBlockedSQL, other, user).first { $0.int(0) } != nil
    }
}
