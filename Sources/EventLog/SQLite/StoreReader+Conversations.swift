internal import ChatModel
internal import GRDB

extension StoreReader {
    static let pairsOfFirstSQL = "SELECT id, last, second FROM conversations WHERE first = ? AND last IS NOT NULL"
    static let pairsOfSecondSQL = """
        SELECT id, last, first FROM conversations WHERE second = ? AND first <> second AND last IS NOT NULL
        """
    static let groupsOfUserSQL = """
        SELECT c.id, c.last, i.fromSeq FROM members i JOIN conversations c ON c.id = i.conversation
        WHERE i.user = ? AND i.toSeq IS NULL AND c.last IS NOT NULL
        """
    static let viewpointsSQL = """
        SELECT conversation, readPointer, hiddenThrough, tags FROM viewpoints WHERE user = ?
        """
    static let viewpointSQL = """
        SELECT readPointer, hiddenThrough, tags FROM viewpoints WHERE conversation = ? AND user = ?
        """
    static let newestThroughSQL = """
        SELECT key FROM messages WHERE conversation = ? AND key <= ? ORDER BY key DESC LIMIT 1
        """

    /// Every conversation of the user that shows a last message, newest first. Its cost grows with how many they have,
    /// never with how much was written there.
    func participations(of user: Int64, _ kind: ConversationQuery.Kind?) throws -> [Participation] {
        var places: [Participation] = []
        if kind != .group {
            for sql in [Self.pairsOfFirstSQL, Self.pairsOfSecondSQL] {
                try statement(sql, user).forEach { row in
                    places.append(
                        Participation(conversation: row.int(0), last: row.int(1), peer: row.int(2), joinedSeq: 0))
                }
            }
        }
        if kind != .user {
            try statement(Self.groupsOfUserSQL, user).forEach { row in
                places.append(
                    Participation(conversation: row.int(0), last: row.int(1), peer: nil, joinedSeq: row.int(2)))
            }
        }
        let viewpoints = try viewpoints(of: user)
        if !viewpoints.isEmpty {
            for index in places.indices {
                if let viewpoint = viewpoints[places[index].conversation] { places[index].viewpoint = viewpoint }
            }
        }
        return places.filter { $0.shownLast != nil }.sorted { ($0.last ?? 0) > ($1.last ?? 0) }
    }

    func viewpoints(of user: Int64) throws -> [Int64: Viewpoint] {
        var found: [Int64: Viewpoint] = [:]
        try statement(Self.viewpointsSQL, user).forEach { row in found[row.int(0)] = Viewpoint(row, base: 1) }
        return found
    }

    func viewpoint(_ conversation: Int64, _ user: Int64) throws -> Viewpoint {
        try statement(Self.viewpointSQL, conversation, user).first { Viewpoint($0, base: 0) } ?? Viewpoint()
    }

    /// The user's 1:1 conversation with another; nil: neither a message nor a tag was ever there.
    func pairParticipation(_ user: Int64, with other: Int64) throws -> Participation? {
        guard let id = try pairID(user, other) else { return nil }
        return Participation(
            conversation: id, last: try lastKey(id), peer: other, joinedSeq: 0, viewpoint: try viewpoint(id, user))
    }

    func groupParticipation(_ id: Int64, _ user: Int64, _ membership: Membership) throws -> Participation {
        Participation(
            conversation: id, last: try lastKey(id), peer: nil, joinedSeq: membership.joinedSeq,
            viewpoint: try viewpoint(id, user))
    }

    private func lastKey(_ conversation: Int64) throws -> Int64? {
        try statement("SELECT last FROM conversations WHERE id = ?", conversation).first { $0.optionalInt(0) } ?? nil
    }

    // MARK: What is shown

    func view(_ place: Participation, _ app: AppNumber, _ user: Int64) throws -> ConversationView {
        let viewer = try uid(user)
        let with: MessageView.Party
        let conversation: Conversation
        if let peer = place.peer {
            with = .user(try userView(peer))
            conversation = Conversation(sender: viewer, receiver: .user(try uid(peer)))
        } else {
            let guid = try statement("SELECT guid FROM conversations WHERE id = ?", place.conversation)
                .first { GroupID(trusted: $0.text(0)) }
            guard let guid else { throw DatabaseError(message: "no conversation \(place.conversation)") }
            let group = try groupView(place.conversation, guid)
            with = .group(
                GroupView(
                    record: group.record, membersCount: group.membersCount,
                    viewer: try membership(place.conversation, guid, user, viewer)))
            conversation = .group(guid)
        }
        let read = MessageKey.clamped(app, try readThrough(place, user))
        return ConversationView(
            conversation: conversation, with: with,
            lastMessage: try place.shownLast.flatMap { try message(key: $0) }.map { try view($0, viewer: user) },
            unreadCount: try unreadCount(place, app, user),
            lastReadMessageID: try statement(Self.newestThroughSQL, place.conversation, read)
                .first { MessageKey.position($0.int(0)) },
            tags: place.viewpoint.tags)
    }
}
