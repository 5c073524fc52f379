/// Elements of an interactive message that a user used for the first time, as the log writes it, at the decision's
/// `seq`. Value.
public struct InteractionChange: Sendable {
    public let messageID: Int64
    public let uid: UserID
    /// New ones only.
    public let interactions: [Interaction]
    /// Set when they reach the message's goal.
    public let completion: Completion?

    public struct Completion: Sendable {
        /// Who is told; nil: nobody, as the author is no member of the group any more.
        public let author: UserID?
        public let originSession: SessionID?

        public init(author: UserID?, originSession: SessionID?) {
            self.author = author
            self.originSession = originSession
        }
    }

    public init(messageID: Int64, uid: UserID, interactions: [Interaction], completion: Completion?) {
        self.messageID = messageID
        self.uid = uid
        self.interactions = interactions
        self.completion = completion
    }
}

/// A user reached the goal of an interactive message, as its author is told. Value.
public struct CompletionEvent: Sendable {
    public let messageID: Int64
    public let conversation: Conversation
    public let author: UserID
    public let user: UserView
    /// All of the user's up to the event.
    public let interactions: [Interaction]
    public let seq: Int64
    /// See `MessageRecord.originSession`.
    public let originSession: SessionID?

    public init(
        messageID: Int64, conversation: Conversation, author: UserID, user: UserView, interactions: [Interaction],
        seq: Int64, originSession: SessionID?
    ) {
        self.messageID = messageID
        self.conversation = conversation
        self.author = author
        self.user = user
        self.interactions = interactions
        self.seq = seq
        self.originSession = originSession
    }
}
