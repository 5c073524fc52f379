internal import ChatModel
internal import GRDB

/// What is unread: differences of the ordinals that messages carry, so that a long history costs what a short one does.
extension StoreReader {
    /// A message as a step in the numbering of its conversation.
    private struct Step {
        let ordinal: Int64
        let own: Int64
        let sender: Int64
        let counts: Bool

        init(_ row: borrowing PreparedRow) {
            (ordinal, own, sender) = (row.int(0), row.int(1), row.int(2))
            counts = MessageCategory(code: row.int(3)).countsAsUnread
        }

        /// How many of a 1:1 conversation's messages, up to here, the user wrote.
        func written(by user: Int64) -> Int64 { sender == user ? own : ordinal - own }
    }

    static let firstStepSQL = """
        SELECT ordinal, own, sender, category FROM messages WHERE conversation = ? AND key > ? ORDER BY key LIMIT 1
        """
    static let newestStepSQL = """
        SELECT ordinal, own, sender, category FROM messages WHERE conversation = ? ORDER BY key DESC LIMIT 1
        """
    static let firstOwnSQL = """
        SELECT own FROM messages
        WHERE conversation = ? AND sender = ? AND key > ? AND receiver IS NULL AND category IN (0, 1, 4)
        ORDER BY key LIMIT 1
        """
    static let deletedSQL = """
        SELECT count(*) FROM messages
        WHERE conversation = ? AND key > ? AND sender <> ? AND deletedAt IS NOT NULL AND category IN (0, 1, 4)
        """
    static let readMarkSQL = "SELECT message FROM marks WHERE conversation = ? AND reader = ? AND kind = 1"

    /// The position up to which the user has read.
    func readThrough(_ place: Participation, _ user: Int64) throws -> Int64 {
        guard place.viewpoint.readPointer == nil else {
            return place.viewpoint.readThrough(mark: 0, joinedSeq: place.joinedSeq)
        }
        let mark = try statement(Self.readMarkSQL, place.conversation, user).first { $0.int(0) }
        return place.viewpoint.readThrough(mark: mark ?? 0, joinedSeq: place.joinedSeq)
    }

    /// Others' messages behind what the user has read that count and were not deleted.
    func unreadCount(_ place: Participation, _ app: AppNumber, _ user: Int64) throws -> Int {
        let read = MessageKey.clamped(app, try readThrough(place, user))
        guard let last = place.last, last > read, place.peer != user else { return 0 }
        guard let first = try statement(Self.firstStepSQL, place.conversation, read).first(Step.init),
            let newest = try statement(Self.newestStepSQL, place.conversation).first(Step.init)
        else { return 0 }
        let all = newest.ordinal - first.ordinal + (first.counts ? 1 : 0)
        guard all > 0 else { return 0 }
        let own: Int64
        if place.peer != nil {
            own =
                newest.written(by: user) - first.written(by: user)
                + (first.counts && first.sender == user ? 1 : 0)
        } else {
            own = try ownCount(place.conversation, user, behind: read)
        }
        let deleted = try statement(Self.deletedSQL, place.conversation, read, user).first { $0.int(0) } ?? 0
        return Int(max(all - own - deleted, 0))
    }

    private func ownCount(_ group: Int64, _ user: Int64, behind key: Int64) throws -> Int64 {
        guard let first = try statement(Self.firstOwnSQL, group, user, key).first({ $0.int(0) }),
            let newest = try statement(OrdinalTable.newestOfMemberSQL, group, user).first({ $0.int(0) })
        else { return 0 }
        return newest - first + 1
    }
}
