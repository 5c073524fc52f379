/// How a user stands to a group at one moment. Value.
public enum GroupStanding: Hashable, Sendable {
    /// The owner is an admin whom nobody else touches.
    case owner
    case member(MemberScope)
    /// Cannot be a member; `as`: the scope they had when they were banned, nil when they were no member.
    case banned(as: MemberScope?)
    case stranger

    public var isMember: Bool {
        switch self {
        case .owner, .member: true
        case .banned, .stranger: false
        }
    }

    /// nil for who is no member.
    public var scope: MemberScope? {
        switch self {
        case .owner: .admin
        case .member(let scope): scope
        case .banned, .stranger: nil
        }
    }
}

/// Who acts in a group.
public enum GroupActor: Hashable, Sendable {
    /// The backend as itself: bound by the state of things, not by a scope.
    case system
    case user(GroupStanding)
}

/// Whom an act is about.
public enum GroupTarget: Hashable, Sendable {
    case oneself
    case other(GroupStanding)
}
