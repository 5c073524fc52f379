import ChatModel
import WireProtocol

/// Edits and deletions (protocol.md §6, §6.1).
///
/// Each is one decision with its action message, which goes to the conversation's audience as every message does. The
/// system acts in the author's name, so that the action stands in the conversation it is about.
extension ChatCore {
    func editMessage(_ id: Int64, _ edit: MessageEdit, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let place = try place(of: id, turn)
        try checkMayChange(place, turn, GroupAct.editMessage)
        try refuseBlocked(place, turn.app)
        try chargeChange(turn)
        let mentions = edit.mentions.filter { known($0, turn.app) != nil }
        let stamp = MessageStamp(by: place.by, at: turn.now)
        return change(place, to: place.record.edited(edit, mentions: mentions, stamp), .edited, &turn)
    }

    func deleteMessage(_ id: Int64, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let place = try place(of: id, turn)
        try checkMayChange(place, turn, GroupAct.deleteMessage)
        let stamp = MessageStamp(by: place.by, at: turn.now)
        let reply = change(place, to: place.record.deleted(stamp), .deleted, &turn)
        if let parent = place.record.parentID { countReply(to: parent, by: -1, turn) }
        return reply
    }

    private func change(
        _ place: MessagePlace, to record: MessageRecord, _ kind: MessageAction.Kind, _ turn: inout Turn
    ) -> ReplyBody {
        let app = turn.app
        let origin = place.actor.flatMap { self.origin(turn, of: $0) }
        let seq = app.positions.take()
        place.state.record = record
        let action = MessageRecord(
            id: seq, sender: place.by, receiver: record.receiver, category: .action, type: "message",
            data: .emptyObject, sentAt: turn.now, originSession: originSession(origin),
            subject: .message(MessageAction(kind: kind, by: place.by, on: record.id)))
        let changed = view(of: record, app)
        let view = MessageView(
            message: action, sender: shown(place.by, app), receiver: changed.receiver, on: .message(changed))
        touch(place.state, turn)
        add(
            &turn, seq: seq, [.messageChanged(record), .message(action)],
            [.message(MessageEvent(view: view, origin: origin))])
        return .message(view, duplicate: false)
    }

    /// 1:1 messages are their author's; in groups the table decides.
    private func checkMayChange(
        _ place: MessagePlace, _ turn: Turn, _ act: (_ isOwn: Bool) -> GroupAct
    ) throws(APIFailure) {
        let isOwn = place.by == place.record.sender
        switch place.record.receiver {
        case .user:
            guard isOwn else { throw APIFailure(.messageNotASender, "The message is somebody else's.") }
        case .group(let guid):
            let (group, record) = try knownGroup(guid, turn.app)
            try check(act(isOwn), by: place.actor, in: group, record, turn.app)
        }
    }

    // MARK: Where a message stands

    /// A message that is there and may be changed by somebody, and who asks.
    struct MessagePlace {
        let state: MessageState
        let record: MessageRecord
        /// nil: the system.
        let actor: UserState?
        /// In whose name it happens.
        let by: UserID
    }

    /// - Throws: for who may not see the message; for one that is deleted, or of the gateway's own making.
    func place(of id: Int64, _ turn: Turn) throws(APIFailure) -> MessagePlace {
        let actor = try actingUserOrSystem(turn)
        guard let state = turn.app.messages[id], let record = state.record else { throw .unknown(message: id) }
        let by = actor?.record?.uid ?? record.sender
        switch record.receiver {
        case .user(let receiver):
            guard by == record.sender || by == receiver else {
                throw APIFailure(.messageNoAccess, "The message is between others.")
            }
        case .group(let guid):
            let (group, found) = try knownGroup(guid, turn.app)
            try check(.receive, by: actor, in: group, found, turn.app)
        }
        guard record.deletion == nil else { throw .deleted(message: id) }
        guard record.category != .action, record.category != .call else {
            throw APIFailure(.invalidMessageCategory, "Messages of this category are the gateway's own.")
        }
        return MessagePlace(state: state, record: record, actor: actor, by: by)
    }

    /// Between a blocked pair nothing new is said, in whatever way; taking something back is no saying.
    func refuseBlocked(_ place: MessagePlace, _ app: AppContext) throws(APIFailure) {
        guard let actor = place.actor, case .user(let other) = place.record.conversation.receiver(from: place.by)
        else { return }
        try refuseBlocked(actor, other, app)
    }

    /// The parent, where it is in memory, as a command that takes or gives it a reply has it.
    func countReply(to parent: Int64, by step: Int, _ turn: Turn) {
        guard let state = turn.app.messages[parent], let record = state.record else { return }
        state.record = record.with(replyCount: record.replyCount + step)
        touch(state, turn)
    }

    /// What follows a message has a bucket of its own, of the same rate as messages.
    func chargeChange(_ turn: Turn) throws(APIFailure) {
        guard isClient(turn), let uid = try actingUser(turn).record?.uid else { return }
        let perMinute = turn.app.rules.sendsPerMinute
        let wait = turn.app.changes.take(uid, nowMs: turn.clock.monotonicMs, rate: perMinute, periodMs: 60_000)
        guard let wait else { return }
        throw APIFailure(.tooManyRequests, "More than \(perMinute) changes in a minute.", retryAfterMs: Int(wait))
    }

    // MARK: Views

    /// The message with the records of its people as they are now; no viewer's.
    func view(of record: MessageRecord, _ app: AppContext) -> MessageView {
        let receiver: MessageView.Party =
            switch record.receiver {
            case .user(let uid): .user(shown(uid, app))
            case .group(let guid):
                if let group = app.groups.entity(of: guid), let known = group.record {
                    .group(view(group, known))
                } else {
                    preconditionFailure("only a message of a group that exists is shown")
                }
            }
        return MessageView(
            message: record, sender: shown(record.sender, app), receiver: receiver,
            mentions: shown(record.mentions, app))
    }

    /// The user, or what stands for one who is no more.
    func shown(_ uid: UserID, _ app: AppContext) -> UserView {
        known(uid, app).map { view($0, app) }
            ?? UserView(record: .placeholder(uid), online: false, lastActiveAt: nil)
    }

    func shown(_ mentions: [UserID], _ app: AppContext) -> [UserView] {
        mentions.compactMap { uid in known(uid, app).map { view($0, app) } }
    }
}
