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

extension UserRecord {
    /// Stands for a user who is no more in messages that stay (protocol.md §6.4): named by the uid.
    public static func placeholder(_ uid: UserID) -> UserRecord {
        UserRecord(uid: uid, name: uid.text, createdAt: 0)
    }
}
