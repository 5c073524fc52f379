import ChatModel
import WireProtocol

/// A user's own side of a conversation (protocol.md §7): where their reading stands, what they hid, their tags. Nobody
/// else learns of it, so nothing here has a log position or an event.
///
/// Reading stands at the `read` mark, which never goes back. Who marks something as unread gets a pointer of their own
/// below it; reading on moves that up silently, and at the mark it is gone.
extension ChatCore {
    func markUnread(_ receiver: Receiver, _ id: Int64, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let uid = view(user, turn.app).record.uid
        switch receiver {
        case .user(let other):
            let key = PairState.Key(uid, other)
            guard let pair = turn.app.pairs[key] else { throw .noMessage(id) }
            let conversation = Conversation.pair(first: key.first, second: key.second)
            try checkMessage(id, conversation, pair.latest, turn.app)
            guard id <= pair.readPointers[uid] ?? pair.mark(.read, uid) else { return .done }
            setPointer(id - 1, of: uid, in: pair, &turn)
        case .group(let guid):
            let (group, slot) = try ownGroup(guid, user, turn)
            try checkMessage(id, .group(guid), group.latest, turn.app)
            guard id <= group.readPointers[user.handle] ?? group.mark(.read, slot: slot) else { return .done }
            setPointer(id - 1, of: user, in: group, &turn)
        }
        return .done
    }

    func hideConversation(_ receiver: Receiver, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let through = turn.app.positions.last
        return try change(receiver, .hidden(through: through), &turn)
    }

    func tagConversation(
        _ receiver: Receiver, _ tags: [String], _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        try change(receiver, .tags(tags), &turn)
    }

    private func change(
        _ receiver: Receiver, _ change: ConversationChange, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let uid = view(user, turn.app).record.uid
        switch receiver {
        case .user(let other):
            // A deleted user's messages stay, and so does the conversation.
            let pair = turn.app.pairs[PairState.Key(uid, other)]
            guard known(other, turn.app) != nil || pair?.latest.ids.isEmpty == false else {
                throw .unknown(user: other)
            }
        case .group(let guid): _ = try ownGroup(guid, user, turn)
        }
        add(&turn, [.conversation(Conversation(sender: uid, receiver: receiver), of: uid, change)])
        return .done
    }

    // MARK: Where reading stands

    /// A receipt that moves no mark still moves a pointer that was set back.
    func catchUp(_ pair: PairState, _ uid: UserID, _ id: Int64, _ mark: Int64, _ turn: inout Turn) {
        guard let pointer = pair.readPointers[uid], id > pointer else { return }
        setPointer(id < mark ? id : nil, of: uid, in: pair, &turn)
    }

    func catchUp(_ group: GroupState, _ user: UserState, _ id: Int64, _ mark: Int64, _ turn: inout Turn) {
        guard let pointer = group.readPointers[user.handle], id > pointer else { return }
        setPointer(id < mark ? id : nil, of: user, in: group, &turn)
    }

    private func setPointer(_ position: Int64?, of uid: UserID, in pair: PairState, _ turn: inout Turn) {
        pair.readPointers[uid] = position
        touch(pair, turn)
        let conversation = Conversation.pair(first: pair.key.first, second: pair.key.second)
        add(&turn, [.conversation(conversation, of: uid, .readPointer(position))])
    }

    private func setPointer(_ position: Int64?, of user: UserState, in group: GroupState, _ turn: inout Turn) {
        group.readPointers[user.handle] = position
        touch(group, turn)
        let conversation = Conversation.group(turn.app.groups.id(of: group.handle))
        let change = ConversationChange.readPointer(position)
        add(&turn, [.conversation(conversation, of: turn.app.users.id(of: user.handle), change)])
    }

    // MARK: Checks

    /// The group and the acting member's slot in it.
    private func ownGroup(
        _ guid: GroupID, _ user: UserState, _ turn: Turn
    ) throws(APIFailure) -> (group: GroupState, slot: Int32) {
        let (group, record) = try knownGroup(guid, turn.app)
        guard let slot = group.members.slot(of: user.handle) else { throw .notAMember(of: record) }
        return (group, slot)
    }

    private func checkMessage(
        _ id: Int64, _ conversation: Conversation, _ latest: AuthoredLog, _ app: AppContext
    ) throws(APIFailure) {
        guard latest.author(of: id) != nil || app.messages[id]?.record?.conversation == conversation else {
            throw .noMessage(id)
        }
    }
}

extension APIFailure {
    fileprivate static func noMessage(_ id: Int64) -> APIFailure {
        APIFailure(.messageIDNotFound, "There is no message \(id) in this conversation.")
    }
}
