/// Something a group's rules decide about.
public enum GroupAct: Hashable, Sendable {
    // Taking part.
    case send, receive, call
    case join(GroupType)
    case leave

    // Other people.
    case add(GroupTarget)
    case kick(GroupTarget)
    case ban(GroupTarget)
    case unban(GroupTarget)
    case changeScope(of: GroupTarget, to: MemberScope)

    // The group.
    case update
    case delete
    case transfer(to: GroupTarget)

    // Its messages.
    case editMessage(isOwn: Bool)
    case deleteMessage(isOwn: Bool)
}

/// Why a group's rules refuse an act.
public enum GroupRefusal: Sendable, CaseIterable {
    // The actor.
    case notAMember, banned
    case noModeratorScope, noAdminScope
    /// The actor's scope does not reach the target, or reaches nobody.
    case noClearance
    /// The same, for changes of scope.
    case noScopeClearance
    case notTheOwner
    case notTheSender
    case selfAction
    case ownerCannotLeave
    case joinNotAllowed
    case alreadyJoined

    // The target.
    case targetNotAMember, targetIsMember, targetBanned, targetNotBanned, alreadyBanned
    case sameScope
}

/// Who may do what in a group: the one table (protocol.md §6.1).
/// ```
///                      admin               moderator                  participant   no member
///  send receive call   yes                 yes                        yes           -
///  update              yes                 yes                        -             -
///  kick, ban           all but the owner   participants               -             -
///  unban               all                 who was one when banned    -             -
///  edit, delete message  anyone's          anyone's                   own           -
///  change scope        all but the owner   up to moderator, both ways -             -
///  add                 yes                 -                          -             -
///  delete, transfer    owner               -                          -             -
///  join                public: all but members and the banned; with a password likewise; private: nobody
/// ```
/// Judged in this order: is the actor a member; is it about themself; does their scope allow such acts at all; is the
/// target in a state for it; does the scope reach the target; does it change anything. The system is bound by the target's state only: not even
/// it removes the owner, who would leave a group to nobody.
public enum GroupPermissions {
    /// nil: allowed.
    public static func refusal(of act: GroupAct, by actor: GroupActor) -> GroupRefusal? {
        let standing: GroupStanding
        switch actor {
        case .system: return stateRefusal(of: act) ?? samenessRefusal(of: act)
        case .user(let known): standing = known
        }
        if case .join(let type) = act { return joinRefusal(type, standing) }
        switch standing {
        case .stranger: return .notAMember
        case .banned: return .banned
        case .owner, .member: break
        }
        if case .oneself? = act.target { return .selfAction }
        return scopeRefusal(of: act, by: standing) ?? stateRefusal(of: act) ?? reachRefusal(of: act, by: standing)
            ?? samenessRefusal(of: act)
    }

    private static func joinRefusal(_ type: GroupType, _ standing: GroupStanding) -> GroupRefusal? {
        switch (standing, type) {
        case (.owner, _), (.member, _): .alreadyJoined
        case (.banned, _): .banned
        case (.stranger, .secret): .joinNotAllowed
        case (.stranger, .open), (.stranger, .password): nil
        }
    }

    /// Whether the actor's scope allows such acts, whoever they are about.
    private static func scopeRefusal(of act: GroupAct, by standing: GroupStanding) -> GroupRefusal? {
        switch (act, standing.scope) {
        case (.send, _), (.receive, _), (.call, _), (.join, _): nil
        case (.leave, _): standing == .owner ? .ownerCannotLeave : nil
        case (.add, let scope): scope == .admin ? nil : .noAdminScope
        case (.update, let scope): scope == .participant ? .noModeratorScope : nil
        case (.kick, let scope), (.ban, let scope), (.unban, let scope):
            scope == .participant ? .noClearance : nil
        case (.changeScope, let scope): scope == .participant ? .noScopeClearance : nil
        case (.delete, _), (.transfer, _): standing == .owner ? nil : .notTheOwner
        case (.editMessage(let isOwn), let scope), (.deleteMessage(let isOwn), let scope):
            isOwn || scope != .participant ? nil : .notTheSender
        }
    }

    /// Whether the target is in a state for the act, whoever the actor is.
    private static func stateRefusal(of act: GroupAct) -> GroupRefusal? {
        guard case .other(let target)? = act.target else { return nil }
        switch act {
        case .send, .receive, .call, .join, .leave, .update, .delete, .editMessage, .deleteMessage: return nil
        case .add:
            return switch target {
            case .owner, .member: .targetIsMember
            case .banned: .targetBanned
            case .stranger: nil
            }
        case .kick:
            return switch target {
            case .owner: .noClearance
            case .member: nil
            case .banned, .stranger: .targetNotAMember
            }
        case .ban:
            return switch target {
            case .owner: .noClearance
            case .banned: .alreadyBanned
            case .member, .stranger: nil
            }
        case .unban:
            if case .banned = target { return nil }
            return .targetNotBanned
        case .changeScope:
            return switch target {
            case .owner: .noScopeClearance
            case .member: nil
            case .banned, .stranger: .targetNotAMember
            }
        case .transfer: return target.isMember ? nil : .targetNotAMember
        }
    }

    /// Whether the actor's scope reaches the target.
    private static func reachRefusal(of act: GroupAct, by standing: GroupStanding) -> GroupRefusal? {
        guard standing.scope == .moderator, case .other(let target)? = act.target else { return nil }
        switch act {
        case .kick, .ban: return target == .member(.participant) ? nil : .noClearance
        case .unban: return target == .banned(as: .participant) ? nil : .noClearance
        case .changeScope(_, let scope): return target.scope == .admin || scope == .admin ? .noScopeClearance : nil
        case .send, .receive, .call, .join, .leave, .add, .update, .delete, .transfer, .editMessage, .deleteMessage:
            return nil
        }
    }

    /// Last, so that who may not change a scope is told that first.
    private static func samenessRefusal(of act: GroupAct) -> GroupRefusal? {
        guard case .changeScope(.other(let target), let scope) = act else { return nil }
        return target.scope == scope ? .sameScope : nil
    }
}

extension GroupAct {
    fileprivate var target: GroupTarget? {
        switch self {
        case .add(let target), .kick(let target), .ban(let target), .unban(let target), .changeScope(let target, _),
            .transfer(let target):
            target
        case .send, .receive, .call, .join, .leave, .update, .delete, .editMessage, .deleteMessage: nil
        }
    }
}
