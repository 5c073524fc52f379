internal import ChatModel
internal import GRDB

/// How many messages that count each conversation has, and each of its authors: the writer's numbering. Confined to the
/// writer's connection.
final class OrdinalTable {
    /// Counts remembered per kind; past it the memory of that kind starts anew.
    private static let rememberedMax = 100_000

    private struct Author: Hashable {
        let conversation: Int64
        let user: Int64
    }

    private var totals: [Int64: Int64] = [:]
    private var authors: [Author: Int64] = [:]
    private let newest, newestOfMember: Prepared

    init(_ database: Database) throws {
        newest = try Prepared(database, Self.newestSQL)
        newestOfMember = try Prepared(database, Self.newestOfMemberSQL)
    }

    static let newestSQL = """
        SELECT ordinal, own, sender FROM messages WHERE conversation = ? ORDER BY key DESC LIMIT 1
        """
    static let newestOfMemberSQL = """
        SELECT own FROM messages
        WHERE conversation = ? AND sender = ? AND receiver IS NULL AND category IN (0, 1, 4) ORDER BY key DESC LIMIT 1
        """

    /// What the next message of the conversation stores.
    func next(_ record: MessageRecord, _ conversation: Int64, _ sender: Int64) throws -> (ordinal: Int64, own: Int64) {
        var isGroup = false
        if case .group = record.receiver { isGroup = true }
        let author = Author(conversation: conversation, user: sender)
        let step: Int64 = record.category.countsAsUnread ? 1 : 0
        let ordinal = try total(conversation) + step
        let own = try count(author, isGroup: isGroup) + step
        remember(ordinal, conversation, in: &totals)
        remember(own, author, in: &authors)
        return (ordinal, own)
    }

    private func total(_ conversation: Int64) throws -> Int64 {
        if let known = totals[conversation] { return known }
        return try newest.binding(conversation).first { $0.int(0) } ?? 0
    }

    private func count(_ author: Author, isGroup: Bool) throws -> Int64 {
        if let known = authors[author] { return known }
        if isGroup {
            return try newestOfMember.binding(author.conversation, author.user).first { $0.int(0) } ?? 0
        }
        // Of two, who did not write the newest message wrote all that are not its sender's.
        return try newest.binding(author.conversation).first { row in
            row.int(2) == author.user ? row.int(1) : row.int(0) - row.int(1)
        } ?? 0
    }

    private func remember<Key: Hashable>(_ count: Int64, _ key: Key, in table: inout [Key: Int64]) {
        if table.count >= Self.rememberedMax { table.removeAll(keepingCapacity: true) }
        table[key] = count
    }
}
