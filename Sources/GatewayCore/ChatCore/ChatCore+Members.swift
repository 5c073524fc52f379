import ChatModel
import WireProtocol

/// Joining, leaving, adding (protocol.md §6.1, §6.3). Each is one decision with its action message, so that members
/// before and after it see it, and the tables of the shards change exactly there.
extension ChatCore {
    /// `passwordHash`: see `Operation.join`. Whether it still is the group's is asked here, where nothing changes meanwhile.
    func join(_ guid: GroupID, passwordHash: String?, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let (group, record) = try knownGroup(guid, turn.app)
        try check(.join(record.type), by: user, in: group, record, turn.app)
        if record.type == .password {
            guard let passwordHash else { throw APIFailure(.emptyGroupPass, "The group has a password.") }
            guard passwordHash == record.passwordHash else { throw .wrongPassword }
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
        endCalls(of: uid, in: guid, &turn)
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

    /// One decision per user; one who cannot be added or banned spoils no other.
    func addMembers(
        _ guid: GroupID, _ drafts: [MemberDraft], bans: [UserID], _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        // Whether they may do that to anybody at all; each user is judged below.
        let act: GroupAct = drafts.isEmpty ? .ban(.other(.member(.participant))) : .add(.other(.stranger))
        try check(act, by: scene.acting, in: scene.group, scene.record, turn.app)
        try checkAddSize(drafts.count + bans.count, turn.app)
        var outcome = ReplyBody.AddOutcome()
        for uid in bans {
            do throws(APIFailure) {
                try ban(uid, scene, &turn)
                outcome.banned.append((uid, nil))
            } catch {
                outcome.banned.append((uid, error))
            }
        }
        for draft in drafts {
            do throws(APIFailure) {
                try addMember(draft, scene.group, scene.record, by: scene.acting, &turn)
                outcome.added.append((draft, nil))
            } catch {
                outcome.added.append((draft, error))
            }
        }
        return .members(outcome)
    }

    private func addMember(
        _ draft: MemberDraft, _ group: GroupState, _ record: GroupRecord, by acting: UserState?, _ turn: inout Turn
    ) throws(APIFailure) {
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
    }

    private func added(_ member: MemberTable.Member, _ view: MessageView, _ origin: Origin?, _ turn: inout Turn) {
        guard case .group(let guid) = view.message.receiver else { return }
        let uid = turn.app.users.id(of: member.handle)
        add(
            &turn, seq: member.joinedSeq,
            [.memberAdded(membership(member, guid, uid)), .message(view.message)],
            [.memberAdded(guid, uid), .message(MessageEvent(view: view, origin: origin, alsoTo: uid))])
    }

    private func action(
        _ kind: GroupAction.Kind, by: UserState, on: UserState?, _ group: GroupState, _ record: GroupRecord,
        _ seq: Int64, _ origin: Origin?, _ turn: Turn
    ) -> MessageView {
        action(kind, by: view(by, turn.app), on: on, nil, group, record, seq, origin, turn)
    }

    private func checkRoom(for user: UserState, in group: GroupState, _ app: AppContext) throws(APIFailure) {
        try checkGroupCount(user, app)
        guard app.rules.membersPerGroup == 0 || group.members.count < app.rules.membersPerGroup else {
            throw .limit("membersPerGroup", app.rules.membersPerGroup)
        }
    }
}
