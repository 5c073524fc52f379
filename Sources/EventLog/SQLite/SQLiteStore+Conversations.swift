public import ChatModel
internal import GRDB

extension SQLiteStore {
    public func conversations(_ query: ConversationQuery) throws(LogFailure) -> Page<ConversationView> {
        try read { reader in
            guard let user = try reader.userID(query.app, query.viewer) else { return Page(items: [], total: 0) }
            let tags = Set(query.tags)
            let places = try reader.participations(of: user, query.kind).filter { place in
                try (tags.isEmpty || !tags.isDisjoint(with: place.viewpoint.tags))
                    && (!query.unreadOnly || reader.unreadCount(place, query.app, user) > 0)
            }
            let shown = places.dropFirst(query.page.offset).prefix(query.page.size)
            return Page(items: try shown.map { try reader.view($0, query.app, user) }, total: places.count)
        }
    }

    public func conversation(
        _ app: AppNumber, of viewer: UserID, with: Receiver
    ) throws(LogFailure) -> ConversationAnswer {
        try read { reader in
            let user = try reader.userID(app, viewer)
            switch with {
            case .user(let uid): return try reader.pairAnswer(app, user, viewer, uid)
            case .group(let guid): return try reader.groupAnswer(app, user, viewer, guid)
            }
        }
    }

    public func unreadCounts(
        _ app: AppNumber, of viewer: UserID, _ kind: ConversationQuery.Kind?
    ) throws(LogFailure) -> [UnreadCount] {
        try read { reader in
            guard let user = try reader.userID(app, viewer) else { return [] }
            return try reader.participations(of: user, kind).compactMap { place in
                let count = try reader.unreadCount(place, app, user)
                guard count > 0 else { return nil }
                return UnreadCount(with: try reader.receiver(of: place), count: count)
            }
        }
    }
}

extension StoreReader {
    fileprivate func pairAnswer(
        _ app: AppNumber, _ user: Int64?, _ viewer: UserID, _ uid: UserID
    ) throws -> ConversationAnswer {
        guard let other = try userID(app, uid) else { return .unknownUser }
        let place = try user.flatMap { try pairParticipation($0, with: other) }
        guard try place?.last != nil || storedUser(other) != nil else { return .unknownUser }
        guard let user, let place else {
            return .conversation(
                ConversationView(
                    conversation: Conversation(sender: viewer, receiver: .user(uid)), with: .user(try userView(other)),
                    lastMessage: nil, unreadCount: 0, lastReadMessageID: nil, tags: []))
        }
        return .conversation(try view(place, app, user))
    }

    fileprivate func groupAnswer(
        _ app: AppNumber, _ user: Int64?, _ viewer: UserID, _ guid: GroupID
    ) throws -> ConversationAnswer {
        guard let id = try groupID(app, guid), let group = try storedGroup(id) else { return .unknownGroup }
        guard let user, let membership = try membership(id, guid, user, viewer) else {
            return .notAMember(group.record.type)
        }
        return .conversation(try view(groupParticipation(id, user, membership), app, user))
    }

    fileprivate func receiver(of place: Participation) throws -> Receiver {
        if let peer = place.peer { return .user(try uid(peer)) }
        let guid = try statement("SELECT guid FROM conversations WHERE id = ?", place.conversation)
            .first { GroupID(trusted: $0.text(0)) }
        guard let guid else { throw DatabaseError(message: "no conversation \(place.conversation)") }
        return .group(guid)
    }
}
