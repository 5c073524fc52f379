internal import ChatModel

extension MemoryApp {
    func conversations(_ query: ConversationQuery) -> Page<ConversationView> {
        let found = listed(query.viewer, query.kind).filter { conversation in
            (query.tags.isEmpty || !Set(query.tags).isDisjoint(with: viewpoint(conversation, query.viewer).tags))
                && (!query.unreadOnly || unreadCount(conversation, query.viewer) > 0)
        }
        let shown = found.dropFirst(query.page.offset).prefix(query.page.size)
        return Page(items: shown.map { view($0, query.viewer) }, total: found.count)
    }

    func conversation(of viewer: UserID, with: Receiver) -> ConversationAnswer {
        let conversation = Conversation(sender: viewer, receiver: with)
        switch with {
        case .user(let uid):
            let isKnown =
                records[uid] != nil
                || messages.contains {
                    $0.conversation == conversation && $0.standsAsLast
                }
            return isKnown ? .conversation(view(conversation, viewer)) : .unknownUser
        case .group(let guid):
            guard let record = groupRecords[guid] else { return .unknownGroup }
            guard membership(guid, viewer) != nil else { return .notAMember(record.type) }
            return .conversation(view(conversation, viewer))
        }
    }

    func unreadCounts(of viewer: UserID, _ kind: ConversationQuery.Kind?) -> [UnreadCount] {
        listed(viewer, kind).compactMap { conversation in
            let count = unreadCount(conversation, viewer)
            return count > 0 ? UnreadCount(with: other(conversation, viewer), count: count) : nil
        }
    }

    // MARK: Which

    /// Newest first.
    private func listed(_ viewer: UserID, _ kind: ConversationQuery.Kind?) -> [Conversation] {
        var found: [Conversation] = []
        for record in messages.reversed() where record.standsAsLast && isListed(record, viewer, kind) {
            if !found.contains(record.conversation) { found.append(record.conversation) }
        }
        return found
    }

    private func isListed(_ record: MessageRecord, _ viewer: UserID, _ kind: ConversationQuery.Kind?) -> Bool {
        guard record.id > viewpoint(record.conversation, viewer).hiddenThrough else { return false }
        return switch record.conversation {
        case .pair(let first, let second): kind != .group && (first == viewer || second == viewer)
        case .group(let guid): kind != .user && membership(guid, viewer) != nil
        }
    }

    private func other(_ conversation: Conversation, _ viewer: UserID) -> Receiver {
        switch conversation {
        case .pair(let first, let second): .user(first == viewer ? second : first)
        case .group(let guid): .group(guid)
        }
    }

    // MARK: What of it

    func viewpoint(_ conversation: Conversation, _ viewer: UserID) -> Viewpoint {
        viewpoints[conversation]?[viewer] ?? Viewpoint()
    }

    /// The position up to which the user has read.
    func readThrough(_ conversation: Conversation, _ viewer: UserID) -> Int64 {
        let viewpoint = viewpoint(conversation, viewer)
        let mark = marks[MarkKey(conversation: conversation, reader: viewer, kind: .read)]?.messageID ?? 0
        var joined: Int64 = 0
        if case .group(let guid) = conversation { joined = membership(guid, viewer)?.joinedSeq ?? 0 }
        return max(viewpoint.readPointer ?? max(mark, joined), viewpoint.hiddenThrough)
    }

    func isUnread(_ record: MessageRecord, _ viewer: UserID) -> Bool {
        record.sender != viewer && record.category.countsAsUnread && record.deletion == nil
            && record.id > readThrough(record.conversation, viewer)
    }

    private func unreadCount(_ conversation: Conversation, _ viewer: UserID) -> Int {
        messages.count { $0.conversation == conversation && isUnread($0, viewer) }
    }

    private func view(_ conversation: Conversation, _ viewer: UserID) -> ConversationView {
        let all = messages.filter { $0.conversation == conversation }
        let read = readThrough(conversation, viewer)
        let last = all.last { $0.standsAsLast && $0.id > viewpoint(conversation, viewer).hiddenThrough }
        let with: MessageView.Party =
            switch other(conversation, viewer) {
            case .user(let uid): .user(userView(uid))
            case .group(let guid):
                .group(
                    GroupView(
                        record: groupRecords[guid] ?? .placeholder(guid),
                        membersCount: groupRecords[guid] == nil ? 0 : memberships(guid).count,
                        viewer: membership(guid, viewer)))
            }
        return ConversationView(
            conversation: conversation, with: with, lastMessage: last.map { view($0, viewer: viewer) },
            unreadCount: unreadCount(conversation, viewer), lastReadMessageID: all.last { $0.id <= read }?.id,
            tags: viewpoint(conversation, viewer).tags)
    }
}
