/// What a message that the gateway makes itself is about.
public enum MessageSubject: Sendable, Equatable {
    /// `action`/`groupMember`.
    case group(GroupAction)
    /// `action`/`message`.
    case message(MessageAction)
    /// `call`.
    case call(CallAction)
}

/// A `groupMember` action: who did what to whom in the group that receives it.
public struct GroupAction: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case joined, left, kicked, banned, unbanned, added, scopeChanged
    }

    public let kind: Kind
    public let by: UserID
    /// The affected user; nil for `joined` and `left`.
    public let on: UserID?
    /// Of `scopeChanged` only.
    public let scopes: ScopeChange?

    public init(kind: Kind, by: UserID, on: UserID? = nil, scopes: ScopeChange? = nil) {
        self.kind = kind
        self.by = by
        self.on = on
        self.scopes = scopes
    }
}

public struct ScopeChange: Sendable, Equatable {
    public let old: MemberScope
    public let new: MemberScope

    public init(old: MemberScope, new: MemberScope) {
        self.old = old
        self.new = new
    }
}

/// A `message` action: who changed which message.
public struct MessageAction: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case edited, deleted
    }

    public let kind: Kind
    public let by: UserID
    /// The id of the changed message.
    public let on: Int64

    public init(kind: Kind, by: UserID, on: Int64) {
        self.kind = kind
        self.by = by
        self.on = on
    }
}

/// Who changed something, and when.
public struct MessageStamp: Sendable, Equatable {
    public let by: UserID
    /// Unix seconds.
    public let at: Int64

    public init(by: UserID, at: Int64) {
        self.by = by
        self.at = at
    }
}
