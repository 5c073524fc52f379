public import ChatModel

/// A ban with the record of whom it keeps out, or its placeholder.
public struct StoredBan: Sendable {
    public let user: StoredUser
    public let ban: Ban

    public init(user: StoredUser, ban: Ban) {
        self.user = user
        self.ban = ban
    }
}
