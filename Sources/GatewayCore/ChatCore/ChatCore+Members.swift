import ChatModel
import WireProtocol

/// Joining, leaving, adding (protocol.md §6.1, §6.3). Each is one decision with its action message, so that members
/// before and after it see it, and the tables of the shards change exactly there.
extension ChatCore {
    func join(_ guid: GroupID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let (group, record) = try knownGroup(guid, turn.app)
        try check(.join(record.type), by: user, in: group, record, turn.app)
        guard record.type == .open else {
            throw APIFailure(.groupJoinNotAllowed, "Groups of this type are not joined yet.")
        }
        try checkRoom(for: user, in: group, turn.app)
        let seq = turn.app.positions.take()
        let member = enroll(user, .participant, in: group, seq, turn)
        touch(group, turn)
        let origin = origin(turn, of: user)
        let view = action(.joined, by: user, on: nil, group, record, seq, origin, turn)
        added(member, view, origin, &turn)
        return .message(view, duplicate: false)
    }

    func leave(_ guid: GroupID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let user = try actingUser(turn)
        let (group, record) = try knownGroup(guid, app)
        try check(.leave, by: user, in: group, record, app)
        guard let uid = user.record?.uid, let slot = group.members.slot(of: user.handle) else {
            throw .notAMember(of: record)
        }
        let origin = origin(turn, of: user)
        endTyping(user.handle, to: .group(guid), app, origin)
        let seq = app.positions.take()
        let before = floors(group)
        group.remove(slot: slot)
        app.users.release(user.handle)
        withdraw(user, from: group, app)
        touch(group, turn)
        touch(user, turn)
        let view = action(.left, by: user, on: nil, group, record, seq, origin, turn)
        // The leaver is still in the tables when the shards walk the message, so their other devices get it.
        add(
            &turn, seq: seq, [.message(view.message), .memberRemoved(guid, uid)],
            [.message(MessageEvent(view: view, origin: origin)), .memberRemoved(guid, uid)])
        if let before, let after = floors(group) { complete(group, guid, before, after, &turn) }
        return .done
    }

    /// One decision per added user; one who cannot be added spoils no other.
    func addMembers(_ guid: GroupID, _ drafts: [MemberDraft], _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let acting = try actingUserOrSystem(turn)
        let (group, record) = try knownGroup(guid, app)
        // Whether they may add anybody at all; each user is judged below.
        try check(.add(.other(.stranger)), by: acting, in: group, record, app)
        try checkAddSize(drafts.count, turn.app)
        var results: [Result<Membership, APIFailure>] = []
        for draft in drafts {
            do throws(APIFailure) {
                results.append(.success(try addMember(draft, group, record, by: acting, &turn)))
            } catch {
                results.append(.failure(error))
            }
        }
        return .members(drafts, results)
    }

    private func addMember(
        _ draft: MemberDraft, _ group: GroupState, _ record: GroupRecord, by acting: UserState?, _ turn: inout Turn
    ) throws(APIFailure) -> Membership {
        let user = try knownUser(draft.uid, turn.app)
        let target = target(user, of: acting, in: group, record, turn.app)
        try check(.add(target), by: acting, in: group, record, turn.app)
        try checkRoom(for: user, in: group, turn.app)
        let seq = turn.app.positions.take()
        let member = enroll(user, draft.scope, in: group, seq, turn)
        touch(group, turn)
        let origin = acting.flatMap { self.origin(turn, of: $0) }
        // The system acts in the owner's name; where there is no owner, the added user is said to have joined.
        let view: MessageView
        if let by = acting ?? known(record.owner, turn.app), by !== user {
            view = action(.added, by: by, on: user, group, record, seq, origin, turn)
        } else {
            view = action(.joined, by: user, on: nil, group, record, seq, origin, turn)
        }
        added(member, view, origin, &turn)
        return membership(member, record.guid, draft.uid)
    }

    private func added(_ member: MemberTable.Member, _ view: MessageView, _ origin: Origin?, _ turn: inout Turn) {
        guard case .group(let guid) = view.message.receiver else { return }
        let uid = turn.app.users.id(of: member.handle)
        add(
            &turn, seq: member.joinedSeq,
            [.memberAdded(membership(member, guid, uid)), .message(view.message)],
            [.memberAdded(guid, uid), .message(MessageEvent(view: view, origin: origin, alsoTo: uid))])
    }

    /// The action message, sent by who acted. Its body is made of `action` when it is encoded.
    private func action(
        _ kind: GroupAction.Kind, by: UserState, on: UserState?, _ group: GroupState, _ record: GroupRecord,
        _ seq: Int64, _ origin: Origin?, _ turn: Turn
    ) -> MessageView {
        let sender = view(by, turn.app)
        let affected = on.map { view($0, turn.app) }
        let message = MessageRecord(
            id: seq, sender: sender.record.uid, receiver: .group(record.guid), category: .action, type: "groupMember",
            data: .emptyObject, sentAt: turn.now, originSession: originSession(origin),
            subject: .group(GroupAction(kind: kind, by: sender.record.uid, on: affected?.record.uid)))
        return MessageView(
            message: message, sender: sender, receiver: .group(view(group, record)), on: affected.map { .user($0) })
    }

    private func checkRoom(for user: UserState, in group: GroupState, _ app: AppContext) throws(APIFailure) {
        try checkGroupCount(user, app)
        guard app.rules.membersPerGroup == 0 || group.members.count < app.rules.membersPerGroup else {
            throw .limit("membersPerGroup", app.rules.membersPerGroup)
        }
    }
}

extension JSONBytes {
    fileprivate static var emptyObject: JSONBytes { JSONBytes(validated: [UInt8(ascii: "{"), UInt8(ascii: "}")]) }
}
