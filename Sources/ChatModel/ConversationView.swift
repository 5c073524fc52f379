/// A conversation as one viewer sees it.
public struct ConversationView: Sendable {
    public let conversation: Conversation
    /// The other party, or the group with the viewer's membership.
    public let with: MessageView.Party
    /// The newest message that the viewer has not hidden, edits and deletions aside; nil: there is none.
    public let lastMessage: MessageView?
    public let unreadCount: Int
    /// The newest message that counts as read; nil: none does.
    public let lastReadMessageID: Int64?
    /// The viewer's own.
    public let tags: [String]

    /// nil: a group.
    public var otherUser: UserID? {
        if case .user(let view) = with { view.record.uid } else { nil }
    }

    public init(
        conversation: Conversation, with: MessageView.Party, lastMessage: MessageView?, unreadCount: Int,
        lastReadMessageID: Int64?, tags: [String]
    ) {
        self.conversation = conversation
        self.with = with
        self.lastMessage = lastMessage
        self.unreadCount = unreadCount
        self.lastReadMessageID = lastReadMessageID
        self.tags = tags
    }
}

/// How many messages of a conversation its viewer has not read.
public struct UnreadCount: Sendable, Equatable {
    /// The other user, or the group.
    public let with: Receiver
    /// Above 0.
    public let count: Int

    public init(with: Receiver, count: Int) {
        self.with = with
        self.count = count
    }
}
