internal import ChatModel

extension MemoryApp {
    func loadUser(_ uid: UserID) -> LoadedUser {
        LoadedUser(
            record: records[uid], lastActiveAt: lastActive[uid],
            memberships: stays.keys.compactMap { membership($0, uid) }.sorted { $0.guid.text.precedes($1.guid.text) },
            friends: (friends[uid] ?? []).sorted { $0.text.precedes($1.text) },
            blocks: (blocks[uid] ?? []).sorted { $0.text.precedes($1.text) },
            blockedBy: blocks.filter { $0.value.contains(uid) }.keys.sorted { $0.text.precedes($1.text) })
    }

    func standing(of viewer: UserID, to uid: UserID) -> BlockStanding {
        BlockStanding(
            blockedByMe: blocks[viewer]?.contains(uid) ?? false, hasBlockedMe: blocks[uid]?.contains(viewer) ?? false)
    }

    func loadGroup(_ guid: GroupID) -> LoadedGroup {
        LoadedGroup(
            record: groupRecords[guid], members: memberships(guid), bans: bans(of: guid),
            conversation: loadConversation(.group(guid)))
    }

    func loadConversation(_ conversation: Conversation) -> LoadedConversation {
        let marks = marks.filter { $0.key.conversation == conversation }.values.sorted { a, b in
            // Uids are ASCII, so Swift's order is that of the bytes.
            (a.seq, a.reader?.text ?? "", a.kind.code) < (b.seq, b.reader?.text ?? "", b.kind.code)
        }
        let latest = messages.filter { $0.conversation == conversation && $0.category.takesReceipts }
            .suffix(LoadedConversation.latestMax)
            .map { LoadedConversation.Authored(id: $0.id, author: $0.sender) }
        let pointers = (viewpoints[conversation] ?? [:]).compactMap { uid, viewpoint in
            viewpoint.readPointer.map { LoadedConversation.ReadPointer(reader: uid, messageID: $0) }
        }
        return LoadedConversation(
            marks: marks, latest: latest, readPointers: pointers.sorted { $0.reader < $1.reader })
    }

    func userView(_ uid: UserID) -> UserView {
        UserView(record: records[uid] ?? .placeholder(uid), online: false, lastActiveAt: lastActive[uid])
    }

    func group(_ guid: GroupID, viewer: UserID?) -> GroupView? {
        groupRecords[guid].map { record in
            GroupView(
                record: record, membersCount: memberships(guid).count,
                viewer: viewer.flatMap { membership(guid, $0) },
                isViewerBanned: viewer.map { bans[guid]?[$0] != nil } ?? false)
        }
    }

    func view(_ record: MessageRecord) -> MessageView { view(record, viewer: nil) }

    func view(_ record: MessageRecord, viewer: UserID?, isReplay: Bool = false) -> MessageView {
        let read = passage(record, .read)
        let delivered = [passage(record, .delivered), read].compactMap { $0 }.min()
        return MessageView(
            message: record, sender: userView(record.sender), receiver: party(record.receiver),
            on: entity(of: record, viewer, isReplay), deliveredAt: delivered, readAt: read,
            mentions: record.mentions.filter { records[$0] != nil }.map(userView),
            viewer: viewer.map { engagement(of: $0, with: record.id) })
    }

    private func party(_ receiver: Receiver) -> MessageView.Party {
        switch receiver {
        case .user(let uid): .user(userView(uid))
        case .group(let guid):
            .group(group(guid, viewer: nil) ?? GroupView(record: .placeholder(guid), membersCount: 0))
        }
    }

    private func entity(of record: MessageRecord, _ viewer: UserID?, _ isReplay: Bool) -> MessageView.Entity? {
        switch record.subject {
        case .group(let action)?: action.on.map { .user(userView($0)) }
        case .message(let action)?:
            action.on < record.id
                ? message(action.on).map { target in
                    let counts = isReplay ? reactions(of: target, at: record.id) : target.reactions
                    return .message(view(target.with(reactions: counts), viewer: viewer))
                } : nil
        case .call(let action)?:
            .call(
                CallView(
                    action: action, initiator: userView(action.call.initiator), receiver: party(action.call.receiver)))
        case nil: nil
        }
    }

    /// When the receiver's mark of a 1:1 message passed it.
    private func passage(_ record: MessageRecord, _ kind: ReceiptKind) -> Int64? {
        guard case .user(let receiver) = record.receiver, receiver != record.sender else { return nil }
        let moves = passages[MarkKey(conversation: record.conversation, reader: receiver, kind: kind)] ?? [:]
        return moves.filter { $0.key >= record.id }.min { $0.key < $1.key }?.value
    }
}
