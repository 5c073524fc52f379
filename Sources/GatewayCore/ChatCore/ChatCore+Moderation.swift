import ChatModel
import WireProtocol

/// What admins and moderators do to other people (protocol.md §6.1, §6.3). Like joining and leaving each is one decision
/// with its action message: a removed user is still in the tables when the shards walk it, and in none after it.
extension ChatCore {
    /// Who acts in which group: a member, or the system.
    struct GroupScene {
        /// nil: the system.
        let acting: UserState?
        let group: GroupState
        let record: GroupRecord
    }

    func kick(_ guid: GroupID, _ uid: UserID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        let user = try knownUser(uid, turn.app)
        try check({ .kick($0) }, user, scene, turn)
        expel(user, uid, .kicked, scene, &turn)
        return .done
    }

    func ban(_ guid: GroupID, _ uid: UserID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try ban(uid, try scene(guid, turn), &turn)
        return .done
    }

    /// Also of who is no member: then the event tells them beside the members.
    func ban(_ uid: UserID, _ scene: GroupScene, _ turn: inout Turn) throws(APIFailure) {
        let user = try knownUser(uid, turn.app)
        try check({ .ban($0) }, user, scene, turn)
        try checkBanCount(scene.group.bans.count, turn.app)
        expel(user, uid, .banned, scene, &turn)
    }

    func unban(_ guid: GroupID, _ uid: UserID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        let user = try knownUser(uid, turn.app)
        try check({ .unban($0) }, user, scene, turn)
        scene.group.bans[uid] = nil
        touch(scene.group, turn)
        let seq = turn.app.positions.take()
        let (view, origin) = action(.unbanned, on: user, scene, seq, turn)
        add(
            &turn, seq: seq, [.message(view.message), .unbanned(guid, uid)],
            [.message(MessageEvent(view: view, origin: origin))])
        return .done
    }

    func changeScope(
        _ guid: GroupID, _ uid: UserID, to scope: MemberScope, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        let user = try knownUser(uid, turn.app)
        try check({ .changeScope(of: $0, to: scope) }, user, scene, turn)
        guard let slot = scene.group.members.slot(of: user.handle) else { throw .notAMember(of: scene.record) }
        let old = scene.group.members.setScope(scope, slot: slot)
        touch(scene.group, turn)
        let seq = turn.app.positions.take()
        let scopes = ScopeChange(old: old, new: scope)
        let (view, origin) = action(.scopeChanged, on: user, scopes: scopes, scene, seq, turn)
        let changed = membership(scene.group.members.members[Int(slot)], guid, uid)
        add(
            &turn, seq: seq, [.message(view.message), .memberAdded(changed)],
            [.message(MessageEvent(view: view, origin: origin))])
        return .done
    }

    // MARK: Steps

    /// Whoever acts must be there: the system, or a member.
    func scene(_ guid: GroupID, _ turn: Turn) throws(APIFailure) -> GroupScene {
        let acting = try actingUserOrSystem(turn)
        let (group, record) = try knownGroup(guid, turn.app)
        try check(.receive, by: acting, in: group, record, turn.app)
        return GroupScene(acting: acting, group: group, record: record)
    }

    func check(
        _ act: (GroupTarget) -> GroupAct, _ user: UserState, _ scene: GroupScene, _ turn: Turn
    ) throws(APIFailure) {
        let target = target(user, of: scene.acting, in: scene.group, scene.record, turn.app)
        try check(act(target), by: scene.acting, in: scene.group, scene.record, turn.app)
    }

    func checkBanCount(_ count: Int, _ app: AppContext) throws(APIFailure) {
        guard app.rules.bansPerGroup == 0 || count < app.rules.bansPerGroup else {
            throw .limit("bansPerGroup", app.rules.bansPerGroup)
        }
    }

    /// The user is no member after it, and if `kind` is `banned` will not be one.
    private func expel(
        _ user: UserState, _ uid: UserID, _ kind: GroupAction.Kind, _ scene: GroupScene, _ turn: inout Turn
    ) {
        let (app, group, guid) = (turn.app, scene.group, scene.record.guid)
        endCalls(of: uid, in: guid, &turn)
        let seq = app.positions.take()
        let slot = group.members.slot(of: user.handle)
        let scope = slot.map { group.members.members[Int($0)].scope }
        var before: Floors?
        if let slot {
            endTyping(user.handle, to: .group(guid), app, nil)
            before = floors(group)
            group.remove(slot: slot)
            app.users.release(user.handle)
            withdraw(user, from: group, app)
            touch(user, turn)
        }
        let ban = kind == .banned ? Ban(guid: guid, uid: uid, scope: scope, bannedAt: turn.now, seq: seq) : nil
        if ban != nil { group.bans[uid] = .banned(as: scope) }
        touch(group, turn)

        let (view, origin) = action(kind, on: user, scene, seq, turn)
        var changes: [Change] = [.message(view.message)]
        var projections: [Projection] = [
            .message(MessageEvent(view: view, origin: origin, alsoTo: slot == nil ? uid : nil))
        ]
        if slot != nil {
            changes.append(.memberRemoved(guid, uid))
            projections.append(.memberRemoved(guid, uid))
        }
        if let ban { changes.append(.banned(ban)) }
        add(&turn, seq: seq, changes, projections)
        if let before, let after = floors(group) { complete(group, guid, before, after, &turn) }
    }

    // MARK: The action message

    /// By who acts; the system acts in the owner's name, or where nobody owns the group in its own.
    private func action(
        _ kind: GroupAction.Kind, on user: UserState, scopes: ScopeChange? = nil, _ scene: GroupScene, _ seq: Int64,
        _ turn: Turn
    ) -> (view: MessageView, origin: Origin?) {
        let by = scene.acting ?? known(scene.record.owner, turn.app)
        let sender = by.map { view($0, turn.app) } ?? Self.systemView
        let source = scene.acting.flatMap { origin(turn, of: $0) }
        return (action(kind, by: sender, on: user, scopes, scene.group, scene.record, seq, source, turn), source)
    }

    /// Its body is made of `subject` when it is encoded.
    func action(
        _ kind: GroupAction.Kind, by sender: UserView, on: UserState?, _ scopes: ScopeChange?, _ group: GroupState,
        _ record: GroupRecord, _ seq: Int64, _ origin: Origin?, _ turn: Turn
    ) -> MessageView {
        let affected = on.map { view($0, turn.app) }
        let subject = GroupAction(
            kind: kind, by: sender.record.uid, on: affected?.record.uid, scopes: scopes)
        let message = MessageRecord(
            id: seq, sender: sender.record.uid, receiver: .group(record.guid), category: .action, type: "groupMember",
            data: .emptyObject, sentAt: turn.now, originSession: originSession(origin), subject: .group(subject))
        return MessageView(
            message: message, sender: sender, receiver: .group(view(group, record)), on: affected.map { .user($0) })
    }

    /// Named as the store names it: there is no such user.
    private static var systemView: UserView {
        let record = UserRecord(uid: systemUID, name: systemUID.text, createdAt: 0)
        return UserView(record: record, online: false, lastActiveAt: nil)
    }
}
