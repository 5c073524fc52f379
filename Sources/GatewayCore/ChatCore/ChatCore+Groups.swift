import ChatModel
import WireProtocol

/// Groups begin and end (protocol.md §6.1, §6.3).
extension ChatCore {
    func createGroup(
        _ guid: GroupID, _ fields: GroupFields, owner: UserID?, _ members: [MemberDraft], bans: [UserID],
        _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let acting = try actingUserOrSystem(turn)
        guard let group = app.groups.entity(of: guid), group.record == nil else {
            throw APIFailure(.guidAlreadyExists, "There is a group \(guid.text) already.")
        }
        guard let name = fields.name else { throw APIFailure(.badRequest, "The field name is missing.") }
        let type = fields.type ?? .open
        guard type != .password || fields.passwordHash != nil else {
            throw APIFailure(.emptyGroupPass, "A group of type password needs a password.")
        }
        try checkAddSize(members.count + bans.count, app)
        let first = try founder(acting, owner: owner, turn)
        guard let ownerID = first.record?.uid else { throw .noAccess }

        let seq = app.positions.take()
        let record = GroupRecord(
            guid: guid, name: name, type: type, passwordHash: type == .password ? fields.passwordHash : nil,
            icon: fields.icon, description: fields.description, owner: ownerID, metadata: fields.metadata,
            tags: fields.tags ?? [], createdAt: turn.now)
        group.clear()
        group.record = record
        var outcome = ReplyBody.AddOutcome()
        var changes: [Change] = [.group(record)] + shutOut(bans, of: group, record, seq, &outcome, turn)
        var projections: [Projection] = []
        for founder in founders(first, members, group, &outcome, app) {
            guard let uid = founder.user.record?.uid else { continue }
            let member = enroll(founder.user, founder.scope, in: group, seq, turn)
            changes.append(.memberAdded(membership(member, guid, uid)))
            projections.append(.memberAdded(guid, uid))
        }
        touch(group, turn)
        add(&turn, seq: seq, changes, projections)
        let viewer = acting.flatMap { acting in group.members.member(acting.handle) }
        let view = GroupView(
            record: record, membersCount: group.members.count,
            viewer: viewer.map { membership($0, guid, app.users.id(of: $0.handle)) })
        return .groupCreated(view, outcome)
    }

    /// The caller, or whom the system names.
    private func founder(_ acting: UserState?, owner: UserID?, _ turn: Turn) throws(APIFailure) -> UserState {
        let first: UserState
        if let acting {
            first = acting
        } else {
            guard let owner else { throw APIFailure(.badRequest, "Name the owner of the group.") }
            first = try knownUser(owner, turn.app)
        }
        try checkGroupCount(first, turn.app)
        return first
    }

    /// The owner first, as admin, then each named member once. One who cannot be a member spoils no other.
    private func founders(
        _ first: UserState, _ members: [MemberDraft], _ group: GroupState, _ outcome: inout ReplyBody.AddOutcome,
        _ app: AppContext
    ) -> [(user: UserState, scope: MemberScope)] {
        var founders: [(user: UserState, scope: MemberScope)] = [(first, .admin)]
        for draft in members {
            do throws(APIFailure) {
                let user = try knownUser(draft.uid, app)
                if user !== first {
                    guard group.bans[draft.uid] == nil else { throw .bannedMember }
                    try checkGroupCount(user, app)
                    guard app.rules.membersPerGroup == 0 || founders.count < app.rules.membersPerGroup else {
                        throw .limit("membersPerGroup", app.rules.membersPerGroup)
                    }
                    if !founders.contains(where: { $0.user === user }) { founders.append((user, draft.scope)) }
                }
                outcome.added.append((draft, nil))
            } catch {
                outcome.added.append((draft, error))
            }
        }
        return founders
    }

    /// Bans that a group begins with: nobody is there to be told of them.
    private func shutOut(
        _ uids: [UserID], of group: GroupState, _ record: GroupRecord, _ seq: Int64,
        _ outcome: inout ReplyBody.AddOutcome, _ turn: Turn
    ) -> [Change] {
        var changes: [Change] = []
        for uid in uids {
            do throws(APIFailure) {
                _ = try knownUser(uid, turn.app)
                guard uid != record.owner else { throw GroupRefusal.selfAction.failure(of: .update, in: record) }
                try checkBanCount(group.bans.count, turn.app)
                if group.bans.updateValue(.banned(as: nil), forKey: uid) == nil {
                    changes.append(
                        .banned(Ban(guid: record.guid, uid: uid, scope: nil, bannedAt: turn.now, seq: seq)))
                }
                outcome.banned.append((uid, nil))
            } catch {
                outcome.banned.append((uid, error))
            }
        }
        return changes
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
        forgetMessages(of: guid, turn)
        dropCalls(in: guid, turn)
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
