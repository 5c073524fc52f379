import ChatModel
import WireProtocol

/// The group table asked of what is in memory (protocol.md §6.1). Every rule about groups goes through `check`.
extension ChatCore {
    /// Refuses what the table refuses. `user` nil: the system acts.
    func check(
        _ act: GroupAct, by user: UserState?, in group: GroupState, _ record: GroupRecord, _ app: AppContext
    ) throws(APIFailure) {
        let actor: GroupActor = user.map { .user(standing($0, in: group, record, app)) } ?? .system
        guard let refusal = GroupPermissions.refusal(of: act, by: actor) else { return }
        throw refusal.failure(of: act, in: record)
    }

    func standing(
        _ user: UserState, in group: GroupState, _ record: GroupRecord, _ app: AppContext
    ) -> GroupStanding {
        let uid = app.users.id(of: user.handle)
        guard let member = group.members.member(user.handle) else { return group.bans[uid] ?? .stranger }
        return record.owner == uid ? .owner : .member(member.scope)
    }

    func target(
        _ user: UserState, of acting: UserState?, in group: GroupState, _ record: GroupRecord, _ app: AppContext
    ) -> GroupTarget {
        user === acting ? .oneself : .other(standing(user, in: group, record, app))
    }
}

extension GroupRefusal {
    /// The codes are those that compatible clients know for the same refusals; docs/protocol.md lists them.
    func failure(of act: GroupAct, in group: GroupRecord) -> APIFailure {
        switch self {
        case .notAMember: .notAMember(of: group)
        case .banned: bannedFailure(act, group)
        case .noModeratorScope: APIFailure(.groupNoModeratorScope, "Only admins and moderators may do that.")
        case .noAdminScope: APIFailure(.groupNoAdminScope, "Only an admin may do that.")
        case .noClearance: APIFailure(.groupNoClearance, "The scope in the group does not allow that.")
        case .noScopeClearance:
            APIFailure(.groupNoScopeClearance, "The scope in the group does not allow this change of scope.")
        case .notTheOwner: APIFailure(.groupNoClearance, "Only the owner may do that.")
        case .notTheSender: APIFailure(.messageNotASender, "The message is somebody else's.")
        case .selfAction: APIFailure(.groupNoSelfAction, "Nobody does that to themself.")
        case .ownerCannotLeave: APIFailure(.ownerCannotLeave, "The owner transfers the group before leaving it.")
        case .joinNotAllowed:
            APIFailure(.groupJoinNotAllowed, "One becomes a member of this group only by being added.")
        case .alreadyJoined, .targetIsMember:
            APIFailure(.alreadyJoined, "The user is a member of the group already.")
        case .targetNotAMember: APIFailure(.notAMember, "The user is not a member of the group.", status: 400)
        case .targetBanned: .bannedMember
        case .targetNotBanned: APIFailure(.notABannedUser, "The user is not banned from the group.")
        case .alreadyBanned: APIFailure(.alreadyBanned, "The user is banned from the group already.")
        case .sameScope: APIFailure(.sameScope, "The user has this scope already.")
        }
    }

    /// The banned are no members, so a private group does not exist for them either; that joining is not for them is
    /// no more than anybody learns.
    private func bannedFailure(_ act: GroupAct, _ group: GroupRecord) -> APIFailure {
        if group.type == .secret {
            if case .join = act { return Self.joinNotAllowed.failure(of: act, in: group) }
            return .unknown(group: group.guid)
        }
        return .bannedMember
    }
}
