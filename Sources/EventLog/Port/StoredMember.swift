public import ChatModel

/// A member with their record, or its placeholder.
public struct StoredMember: Sendable {
    public let user: StoredUser
    public let membership: Membership

    public init(user: StoredUser, membership: Membership) {
        self.user = user
        self.membership = membership
    }
}
