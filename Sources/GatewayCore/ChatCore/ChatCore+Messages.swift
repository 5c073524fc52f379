import ChatModel
import WireProtocol

/// Sending (protocol.md §3.7, §6.1).
extension ChatCore {
    func send(_ draft: MessageDraft, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let user = try actingUser(turn)
        let sender = view(user, app)
        guard draft.category != .action, draft.category != .call else {
            throw APIFailure(.invalidMessageCategory, "Messages of this category are not sent by clients.")
        }
        try chargeSend(sender.record.uid, turn)
        let receiver: MessageView.Party
        switch draft.receiver {
        case .user(let uid):
            receiver = .user(view(try knownUser(uid, app), app))
            try refuseBlocked(user, uid, app)
        case .group(let guid):
            let (group, record) = try knownGroup(guid, app)
            try check(.send, by: user, in: group, record, app)
            receiver = .group(view(group, record))
        }
        try checkParent(draft, sender.record.uid, app)

        let origin = origin(turn, of: user)
        let seq = app.positions.take()
        let record = MessageRecord(
            id: seq, muid: draft.muid, sender: sender.record.uid, receiver: draft.receiver, category: draft.category,
            type: draft.type, data: draft.data, tags: draft.tags, parentID: draft.parentID, sentAt: turn.now,
            originSession: originSession(origin), mentions: draft.mentions.filter { known($0, app) != nil })
        let view = MessageView(
            message: record, sender: sender, receiver: receiver, mentions: shown(record.mentions, app))
        remember(record, turn)
        if let parent = record.parentID { countReply(to: parent, by: 1, turn) }
        endTyping(user.handle, to: draft.receiver, app, origin)
        add(&turn, seq: seq, [.message(record)], [.message(MessageEvent(view: view, origin: origin))])
        return .message(view, duplicate: false)
    }

    func chargeSend(_ uid: UserID, _ turn: Turn) throws(APIFailure) {
        guard isClient(turn) else { return }
        let perMinute = turn.app.rules.sendsPerMinute
        let wait = sendRates.take(turn.app.number, uid, nowMs: turn.clock.monotonicMs, perMinute: perMinute)
        guard let wait else { return }
        throw APIFailure(
            .tooManyRequests, "More than \(perMinute) messages in a minute.", retryAfterMs: Int(wait))
    }

    /// A reply names a message of the same conversation that is no reply itself.
    private func checkParent(_ draft: MessageDraft, _ sender: UserID, _ app: AppContext) throws(APIFailure) {
        guard let id = draft.parentID else { return }
        guard let parent = app.messages[id]?.record,
            parent.conversation == Conversation(sender: sender, receiver: draft.receiver)
        else { throw APIFailure(.messageIDNotFound, "There is no message \(id) in this conversation.") }
        guard parent.deletion == nil else { throw .deleted(message: id) }
        guard parent.parentID == nil else {
            throw APIFailure(.messageThreadNesting, "A reply has no replies of its own.")
        }
    }

    /// Notes who wrote it, for the receipts that will come.
    private func remember(_ record: MessageRecord, _ turn: Turn) {
        guard record.category != .action, record.category != .call else { return }
        switch record.conversation {
        case .group(let guid):
            guard let group = turn.app.groups.entity(of: guid) else { return }
            group.latest.append(record.id, author: record.sender)
            touch(group, turn)
        case .pair(let first, let second):
            guard let pair = turn.app.pairs[PairState.Key(first: first, second: second)] else { return }
            pair.latest.append(record.id, author: record.sender)
            touch(pair, turn)
        }
    }
}
