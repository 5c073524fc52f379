public enum GroupType: String, Sendable, CaseIterable {
    case open = "public"
    case secret = "private"
    case password
}

public enum MemberScope: String, Sendable, CaseIterable {
    case participant, moderator, admin
}

/// A group as the store keeps it. Immutable; an update makes a new record. Any thread. Times are Unix seconds.
public final class GroupRecord: Sendable {
    public let guid: GroupID
    public let name: String
    public let type: GroupType
    /// Encoded by the KDF's own format; never sent.
    public let passwordHash: String?
    public let icon: String?
    public let description: String?
    public let owner: UserID
    public let metadata: JSONBytes?
    public let tags: [String]
    public let createdAt: Int64
    public let updatedAt: Int64?

    public init(
        guid: GroupID, name: String, type: GroupType, passwordHash: String? = nil, icon: String? = nil,
        description: String? = nil, owner: UserID, metadata: JSONBytes? = nil, tags: [String] = [],
        createdAt: Int64, updatedAt: Int64? = nil
    ) {
        self.guid = guid
        self.name = name
        self.type = type
        self.passwordHash = passwordHash
        self.icon = icon
        self.description = description
        self.owner = owner
        self.metadata = metadata
        self.tags = tags
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A group with its counts at one moment.
public struct GroupView: Sendable {
    public let record: GroupRecord
    public let membersCount: Int
    /// How the viewer stands to it; nil when they are no member or there is no viewer. Never in a fanned-out frame.
    public let viewer: Membership?
    /// Whether the viewer is banned from it. Never in a fanned-out frame.
    public let isViewerBanned: Bool

    public init(
        record: GroupRecord, membersCount: Int, viewer: Membership? = nil, isViewerBanned: Bool = false
    ) {
        self.record = record
        self.membersCount = membersCount
        self.viewer = viewer
        // One excludes the other; a membership is what counts.
        self.isViewerBanned = isViewerBanned && viewer == nil
    }
}

/// Fields of a group's create or update; an update leaves nil fields as they are.
public struct GroupFields: Sendable, Equatable {
    public var name: String?
    public var type: GroupType?
    public var icon: String?
    public var description: String?
    public var metadata: JSONBytes?
    public var tags: [String]?
    /// Encoded by the KDF's own format. Counts where the group is, or becomes, one with a password.
    public var passwordHash: String?

    public init() {}
}

extension GroupRecord {
    /// The record with another owner.
    public func owned(by uid: UserID) -> GroupRecord {
        GroupRecord(
            guid: guid, name: name, type: type, passwordHash: passwordHash, icon: icon, description: description,
            owner: uid, metadata: metadata, tags: tags, createdAt: createdAt, updatedAt: updatedAt)
    }

    /// The record after an update; nil: it would be a group with a password that has none. A group of another type
    /// keeps no password.
    public func updated(by fields: GroupFields, at seconds: Int64) -> GroupRecord? {
        let type = fields.type ?? type
        let hash = type == .password ? fields.passwordHash ?? passwordHash : nil
        if type == .password, hash == nil { return nil }
        return GroupRecord(
            guid: guid, name: fields.name ?? name, type: type, passwordHash: hash, icon: fields.icon ?? icon,
            description: fields.description ?? description, owner: owner, metadata: fields.metadata ?? metadata,
            tags: fields.tags ?? tags, createdAt: createdAt, updatedAt: seconds)
    }
}

/// One user's current membership of one group.
public struct Membership: Sendable, Equatable {
    public let guid: GroupID
    public let uid: UserID
    public let scope: MemberScope
    /// Unix seconds.
    public let joinedAt: Int64
    /// Log position of the join: the first event of the group that the member sees.
    public let joinedSeq: Int64

    public init(guid: GroupID, uid: UserID, scope: MemberScope, joinedAt: Int64, joinedSeq: Int64) {
        self.guid = guid
        self.uid = uid
        self.scope = scope
        self.joinedAt = joinedAt
        self.joinedSeq = joinedSeq
    }
}

/// Someone who is to join a group, and as what.
public struct MemberDraft: Sendable, Equatable {
    public let uid: UserID
    public let scope: MemberScope

    public init(uid: UserID, scope: MemberScope) {
        self.uid = uid
        self.scope = scope
    }
}
