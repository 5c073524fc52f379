internal import ChatModel

extension MemoryApp {
    /// Whether the message is in the user's own view of the log: the audience of its own time.
    private func concerns(_ uid: UserID, _ record: MessageRecord) -> Bool {
        // Of the end of a ban the members hear, and who was banned is none.
        if case .group(let action)? = record.subject, action.on == uid, action.kind != .unbanned { return true }
        return switch record.receiver {
        case .user(let receiver): record.sender == uid || receiver == uid
        case .group(let guid): wasMember(guid, uid, at: record.id)
        }
    }

    // MARK: Replay

    func replay(_ request: ReplayRequest) -> ReplayPage {
        guard request.after < request.through else { return ReplayPage(items: [], next: nil) }
        let range = (request.after + 1)...request.through
        let missed = messages.filter { record in
            range.contains(record.id) && concerns(request.uid, record) && !record.isKeptFrom(request.uid)
                && !(record.sender == request.uid && request.session != nil
                    && record.originSession == request.session)
        }
        let receipts = marks.compactMap { key, mark in
            range.contains(mark.seq) ? restate(key, mark, request.uid) : nil
        }
        let restated = receipts.sorted { $0.seq == $1.seq ? ReceiptEvent.ordered($0, $1) : $0.seq < $1.seq }
        return .merging(
            [
                missed.map { .message(view($0, viewer: nil, isReplay: true)) }, replayedEngagement(request, range),
                restated.map { .receipt($0) },
            ], limit: request.limit)
    }

    private func restate(_ key: MarkKey, _ mark: ReceiptMark, _ author: UserID) -> ReceiptEvent? {
        guard mark.reader != author, let target = newest(key.conversation, author, through: mark.messageID) else {
            return nil
        }
        switch key.conversation {
        case .pair(let first, let second):
            guard author == (mark.reader == first ? second : first) else { return nil }
        case .group(let guid):
            guard wasMember(guid, author, at: mark.seq) else { return nil }
            if let reader = mark.reader, !wasMember(guid, reader, at: target) { return nil }
            if mark.reader == nil, isMissedBySomeone(guid, mark.kind, author, target) { return nil }
        }
        if let reader = mark.reader, mark.kind == .delivered,
            let read = marks[MarkKey(conversation: key.conversation, reader: reader, kind: .read)],
            newest(key.conversation, author, through: read.messageID) ?? 0 >= target
        {
            return nil
        }
        return ReceiptEvent(
            action: .restated(mark.kind, byAll: mark.reader == nil), conversation: key.conversation,
            reader: mark.reader.map(userView), author: author, messageID: target, at: mark.at, seq: mark.seq)
    }

    /// Whether a member since the message, the author excepted, has yet to come as far. Reading implies delivery.
    private func isMissedBySomeone(_ guid: GroupID, _ kind: ReceiptKind, _ author: UserID, _ target: Int64) -> Bool {
        memberships(guid).contains { member in
            guard member.joinedSeq <= target, member.uid != author else { return false }
            return ![kind, .read].contains { kind in
                let key = MarkKey(conversation: .group(guid), reader: member.uid, kind: kind)
                return marks[key].map { $0.messageID >= target } ?? false
            }
        }
    }

    private func newest(_ conversation: Conversation, _ author: UserID, through id: Int64) -> Int64? {
        messages.last {
            $0.id <= id && $0.sender == author && $0.category.takesReceipts && $0.conversation == conversation
        }?.id
    }

    // MARK: History

    func history(_ query: HistoryQuery) -> HistoryAnswer {
        if case .group(let guid) = query.scope {
            guard let record = groupRecords[guid] else { return .unknownGroup }
            if let viewer = query.viewer, membership(guid, viewer) == nil { return .notAMember(record.type) }
        }
        let words = query.searchKey.map { WordQuery($0) }
        let found = messages.filter { record in
            isInScope(record, query) && isBeyondCursor(record, query) && query.admits(record)
                && isShown(record, query) && words?.matches(record) ?? true
        }
        let limit = min(max(query.limit, 1), HistoryQuery.limitMax)
        let page = query.affix == .append ? found.prefix(limit) : found.suffix(limit)
        let next = found.count > page.count ? (query.affix == .append ? page.last : page.first)?.id : nil
        return .page(HistoryPage(messages: page.map { view($0, viewer: query.viewer) }, next: next))
    }

    private func isInScope(_ record: MessageRecord, _ query: HistoryQuery) -> Bool {
        switch (query.scope, query.viewer) {
        case (.everything, nil): true
        case (.everything, let viewer?): concerns(viewer, record)
        case (.user(let uid), nil):
            if case .user(let receiver) = record.receiver { record.sender == uid || receiver == uid } else { false }
        case (.user(let uid), let viewer?): record.conversation == Conversation(sender: viewer, receiver: .user(uid))
        case (.group(let guid), _): record.receiver == .group(guid)
        }
    }

    /// Whether the viewer has not hidden it, and has not read it where only that is asked for.
    private func isShown(_ record: MessageRecord, _ query: HistoryQuery) -> Bool {
        guard let viewer = query.viewer else { return !query.unreadOnly }
        guard record.id > viewpoint(record.conversation, viewer).hiddenThrough else { return false }
        guard query.unreadOnly else { return true }
        if query.scope == .everything, case .group(let guid) = record.receiver {
            guard let membership = membership(guid, viewer), membership.joinedSeq <= record.id else { return false }
        }
        return isUnread(record, viewer)
    }

    private func isBeyondCursor(_ record: MessageRecord, _ query: HistoryQuery) -> Bool {
        switch (query.cursor, query.affix) {
        case (nil, _): true
        case (.id(let id), .prepend): record.id < id
        case (.id(let id), .append): record.id > id
        case (.sentAt(let second), .prepend): record.sentAt < second
        case (.sentAt(let second), .append): record.sentAt > second
        }
    }
}
