/// A user as the store keeps it. Immutable; an update makes a new record. Any thread.
///
/// A class, so that the events of one user share it by reference. Times are Unix seconds.
public final class UserRecord: Sendable {
    public let uid: UserID
    public let name: String
    public let avatar: String?
    public let link: String?
    public let role: String
    public let metadata: JSONBytes?
    public let statusMessage: String?
    public let tags: [String]
    public let email: String?
    public let credits: Int64?
    public let createdAt: Int64
    public let updatedAt: Int64?
    public let deactivatedAt: Int64?

    public init(
        uid: UserID, name: String, avatar: String? = nil, link: String? = nil, role: String = "default",
        metadata: JSONBytes? = nil, statusMessage: String? = nil, tags: [String] = [], email: String? = nil,
        credits: Int64? = nil, createdAt: Int64, updatedAt: Int64? = nil, deactivatedAt: Int64? = nil
    ) {
        self.uid = uid
        self.name = name
        self.avatar = avatar
        self.link = link
        self.role = role
        self.metadata = metadata
        self.statusMessage = statusMessage
        self.tags = tags
        self.email = email
        self.credits = credits
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.deactivatedAt = deactivatedAt
    }
}

extension UserRecord {
    /// Stands for a user who is no more in messages that stay (protocol.md §6.4): named by the uid.
    public static func placeholder(_ uid: UserID) -> UserRecord {
        UserRecord(uid: uid, name: uid.text, createdAt: 0)
    }
}

/// A user with what changes too often for the record: what an event or a list shows of them.
public struct UserView: Sendable {
    public let record: UserRecord
    public let online: Bool
    /// Unix seconds; nil when the user was never connected.
    public let lastActiveAt: Int64?

    public init(record: UserRecord, online: Bool, lastActiveAt: Int64?) {
        self.record = record
        self.online = online
        self.lastActiveAt = lastActiveAt
    }
}

/// Fields of a create or update; an update leaves nil fields as they are.
public struct UserFields: Sendable, Equatable {
    public var name: String?
    public var avatar: String?
    public var link: String?
    public var role: String?
    public var metadata: JSONBytes?
    public var statusMessage: String?
    public var tags: [String]?
    public var email: String?
    public var credits: Int64?
    /// `false` brings a deactivated user back; `true` deactivates.
    public var deactivated: Bool?

    public init() {}
}

/// An auth token of one user's device. Owned by the log; read everywhere by its hash.
public struct TokenRecord: Sendable, Equatable {
    public let hash: TokenHash
    public let uid: UserID
    /// Unix seconds.
    public let createdAt: Int64

    public init(hash: TokenHash, uid: UserID, createdAt: Int64) {
        self.hash = hash
        self.uid = uid
        self.createdAt = createdAt
    }
}
