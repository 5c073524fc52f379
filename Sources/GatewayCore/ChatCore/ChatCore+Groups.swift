import ChatModel
import WireProtocol

/// Groups begin and end (protocol.md §6.1, §6.3).
extension ChatCore {
    func createGroup(
        _ guid: GroupID, _ fields: GroupFields, owner: UserID?, _ members: [MemberDraft], _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let acting = try actingUserOrSystem(turn)
        guard let group = app.groups.entity(of: guid), group.record == nil else {
            throw APIFailure(.guidAlreadyExists, "There is a group \(guid.text) already.")
        }
        guard let name = fields.name else { throw APIFailure(.badRequest, "The field name is missing.") }
        guard fields.type != .password else {
            throw APIFailure(.badRequest, "Groups of type password are not offered.")
        }
        let founders = try founders(acting, owner: owner, members, turn)
        guard let first = founders.first?.user.record else { throw .noAccess }

        let seq = app.positions.take()
        let record = GroupRecord(
            guid: guid, name: name, type: fields.type ?? .open, icon: fields.icon, description: fields.description,
            owner: first.uid, metadata: fields.metadata, tags: fields.tags ?? [], createdAt: turn.now)
        group.clear()
        group.record = record
        var changes: [Change] = [.group(record)]
        var projections: [Projection] = []
        for founder in founders {
            guard let uid = founder.user.record?.uid else { continue }
            let member = enroll(founder.user, founder.scope, in: group, seq, turn)
            changes.append(.memberAdded(membership(member, guid, uid)))
            projections.append(.memberAdded(guid, uid))
        }
        touch(group, turn)
        add(&turn, seq: seq, changes, projections)
        let viewer = acting.flatMap { acting in group.members.member(acting.handle) }
        return .group(
            GroupView(
                record: record, membersCount: group.members.count,
                viewer: viewer.map { membership($0, guid, app.users.id(of: $0.handle)) }))
    }

    /// The owner first, as admin, then each named member once. One who cannot be a member refuses the whole.
    private func founders(
        _ acting: UserState?, owner: UserID?, _ members: [MemberDraft], _ turn: Turn
    ) throws(APIFailure) -> [(user: UserState, scope: MemberScope)] {
        try checkAddSize(members.count, turn.app)
        let first: UserState
        if let acting {
            first = acting
        } else {
            guard let owner else { throw APIFailure(.badRequest, "Name the owner of the group.") }
            first = try knownUser(owner, turn.app)
        }
        var founders: [(user: UserState, scope: MemberScope)] = [(first, .admin)]
        for draft in members {
            let user = try knownUser(draft.uid, turn.app)
            guard !founders.contains(where: { $0.user === user }) else { continue }
            founders.append((user, draft.scope))
        }
        for founder in founders { try checkGroupCount(founder.user, turn.app) }
        return founders
    }

    func deleteGroup(_ guid: GroupID, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let acting = try actingUserOrSystem(turn)
        let (group, record) = try knownGroup(guid, app)
        try check(.delete, by: acting, in: group, record, app)
        let seq = app.positions.take()
        dropTyping(in: group.handle, app)
        for member in group.members.members {
            if let user = app.users.entity(of: member.handle) {
                withdraw(user, from: group, app)
                touch(user, turn)
            }
            app.users.release(member.handle)
        }
        group.clear()
        touch(group, turn)
        add(&turn, seq: seq, [.groupDeleted(guid)], [.groupDeleted(guid)])
        return .done
    }

    // MARK: Both sides of a membership

    /// Makes the user a member on both sides.
    func enroll(
        _ user: UserState, _ scope: MemberScope, in group: GroupState, _ seq: Int64, _ turn: Turn
    ) -> MemberTable.Member {
        let member = MemberTable.Member(handle: user.handle, scope: scope, joinedAt: turn.now, joinedSeq: seq)
        group.append(member)
        turn.app.users.retain(user.handle)
        user.groups.append(group.handle)
        turn.app.groups.retain(group.handle)
        touch(user, turn)
        return member
    }

    /// Takes the group off the user's side.
    func withdraw(_ user: UserState, from group: GroupState, _ app: AppContext) {
        guard let index = user.groups.firstIndex(of: group.handle) else { return }
        user.groups.remove(at: index)
        app.groups.release(group.handle)
    }

    func checkAddSize(_ count: Int, _ app: AppContext) throws(APIFailure) {
        guard app.rules.membersPerAdd == 0 || count <= app.rules.membersPerAdd else {
            throw .limit("membersPerAdd", app.rules.membersPerAdd)
        }
    }

    func checkGroupCount(_ user: UserState, _ app: AppContext) throws(APIFailure) {
        guard app.rules.groupsPerUser == 0 || user.groups.count < app.rules.groupsPerUser else {
            throw .limit("groupsPerUser", app.rules.groupsPerUser)
        }
    }
}
