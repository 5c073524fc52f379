public import ChatModel

/// A user as the store knows them: all but whether they are online.
public struct StoredUser: Sendable {
    public let record: UserRecord
    /// Unix seconds; nil when the user was never connected.
    public let lastActiveAt: Int64?

    public init(record: UserRecord, lastActiveAt: Int64?) {
        self.record = record
        self.lastActiveAt = lastActiveAt
    }
}
