import ChatModel
import WireProtocol

/// A group's own record changes (protocol.md §6.1, §7). Clients are told of neither: both are in the backend's feed.
extension ChatCore {
    func updateGroup(_ guid: GroupID, _ fields: GroupFields, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        try check(.update, by: scene.acting, in: scene.group, scene.record, turn.app)
        guard let record = scene.record.updated(by: fields, at: turn.now) else {
            throw APIFailure(.emptyGroupPass, "A group of type password needs a password.")
        }
        scene.group.record = record
        touch(scene.group, turn)
        add(&turn, [.group(record)])
        return .group(view(scene, record, turn.app))
    }

    /// The new owner is an admin from then on; the old one stays what they are.
    func transferGroup(_ guid: GroupID, to uid: UserID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let scene = try scene(guid, turn)
        // Whether they may give it to anybody at all.
        try check(.transfer(to: .other(.member(.admin))), by: scene.acting, in: scene.group, scene.record, turn.app)
        let user = try knownUser(uid, turn.app)
        try check({ .transfer(to: $0) }, user, scene, turn)
        guard let slot = scene.group.members.slot(of: user.handle) else { throw .notAMember(of: scene.record) }
        guard scene.record.owner != uid else { return .group(view(scene, scene.record, turn.app)) }
        let seq = turn.app.positions.take()
        let record = scene.record.owned(by: uid)
        scene.group.record = record
        var changes: [Change] = [.group(record)]
        if scene.group.members.setScope(.admin, slot: slot) != .admin {
            changes.append(.memberAdded(membership(scene.group.members.members[Int(slot)], guid, uid)))
        }
        touch(scene.group, turn)
        add(&turn, seq: seq, changes)
        return .group(view(scene, record, turn.app))
    }

    /// As the acting user sees it.
    private func view(_ scene: GroupScene, _ record: GroupRecord, _ app: AppContext) -> GroupView {
        let viewer = scene.acting.flatMap { scene.group.members.member($0.handle) }
        return GroupView(
            record: record, membersCount: scene.group.members.count,
            viewer: viewer.map { membership($0, record.guid, app.users.id(of: $0.handle)) })
    }
}
