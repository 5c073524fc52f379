/// One user's reaction to one message. Value.
public struct Reaction: Sendable {
    /// Log position of its giving.
    public let id: Int64
    public let messageID: Int64
    public let conversation: Conversation
    /// The message's own.
    public let parentID: Int64?
    public let reaction: String
    public let user: UserView
    /// Unix seconds of its giving.
    public let at: Int64

    public init(
        id: Int64, messageID: Int64, conversation: Conversation, parentID: Int64?, reaction: String, user: UserView,
        at: Int64
    ) {
        self.id = id
        self.messageID = messageID
        self.conversation = conversation
        self.parentID = parentID
        self.reaction = reaction
        self.user = user
        self.at = at
    }
}

/// A reaction was given or taken back. Value.
public struct ReactionEvent: Sendable {
    public let isAdded: Bool
    public let reaction: Reaction
    public let seq: Int64
    /// See `MessageRecord.originSession`.
    public let originSession: SessionID?

    public init(isAdded: Bool, reaction: Reaction, seq: Int64, originSession: SessionID?) {
        self.isAdded = isAdded
        self.reaction = reaction
        self.seq = seq
        self.originSession = originSession
    }
}

/// A reaction given or taken back, as the log writes it, at the decision's `seq`. Value.
public struct ReactionChange: Sendable {
    public let isAdded: Bool
    /// See `Reaction.id`.
    public let id: Int64
    public let messageID: Int64
    public let conversation: Conversation
    public let uid: UserID
    public let reaction: String
    /// See `Reaction.at`.
    public let at: Int64
    public let originSession: SessionID?
    /// What the message has of reactions from here on.
    public let counts: [ReactionCount]

    public init(
        isAdded: Bool, id: Int64, messageID: Int64, conversation: Conversation, uid: UserID, reaction: String,
        at: Int64, originSession: SessionID?, counts: [ReactionCount]
    ) {
        self.isAdded = isAdded
        self.id = id
        self.messageID = messageID
        self.conversation = conversation
        self.uid = uid
        self.reaction = reaction
        self.at = at
        self.originSession = originSession
        self.counts = counts
    }
}
