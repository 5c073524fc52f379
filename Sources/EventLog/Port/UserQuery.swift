public import ChatModel

/// A page of users, by name and then uid. Deactivated users are left out.
public struct UserQuery: Sendable, Equatable {
    public enum Status: Sendable, Equatable {
        /// Who is in the set; the store knows nothing of presence.
        case online(Set<UserID>)
        case offline(online: Set<UserID>)
    }

    public let app: AppNumber
    /// Part of the name or of the uid, in any case.
    public var searchKey: String?
    /// Empty: any role.
    public var roles: [String] = []
    /// Any one of these; empty: whatever the tags.
    public var tags: [String] = []
    /// Only these; nil: any.
    public var uids: [UserID]?
    public var status: Status?
    /// Only friends of this user.
    public var friendsOf: UserID?
    /// Only who stands in a block with this user, in `direction`.
    public var blocksOf: UserID?
    public var direction = BlockDirection.both
    /// Leaves out whom this user has blocked.
    public var hidingBlockedBy: UserID?
    /// Leaves this user out: nobody lists themself.
    public var excluding: UserID?
    public var includesDeactivated = false
    public var page = PageNumber()

    public init(app: AppNumber) {
        self.app = app
    }
}
