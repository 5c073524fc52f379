public import ChatModel

/// One line of an app's event feed (protocol.md §8, `GET events`). Value; crosses threads.
public struct FeedLine: Sendable {
    public enum Event: Sendable {
        /// As it stands now, whatever its category.
        case message(MessageView)
        /// A reader's mark, or that of everybody, moved.
        case receipts(Conversation, ReceiptMark)
        /// nil: the group is no more.
        case group(GroupChange, GroupID, GroupView?)
        /// The first user blocks the second, or no longer does.
        case block(UserID, blocked: UserID, exists: Bool)
        case reaction(ReactionEvent)
        /// A user reached the goal of an interactive message.
        case completion(CompletionEvent)
        case connection(ConnectionEvent)
    }

    public enum GroupChange: Sendable, Equatable {
        case created, updated, deleted
        case ownerTransferred(to: UserID)
    }

    /// Ascending, with gaps; never given twice.
    public let n: Int64
    /// Of the log's start that wrote the line.
    public let bootID: String
    /// Log position; 0: none.
    public let seq: Int64
    /// Unix seconds.
    public let at: Int64
    public let event: Event

    public init(n: Int64, bootID: String, seq: Int64, at: Int64, event: Event) {
        self.n = n
        self.bootID = bootID
        self.seq = seq
        self.at = at
        self.event = event
    }
}

/// A page of the feed, ascending.
public struct FeedPage: Sendable {
    public let lines: [FeedLine]
    /// Everything up to here was looked at: the `after` of the next page.
    public let reached: Int64
    /// The last number given, when the page was read.
    public let end: Int64

    public init(lines: [FeedLine], reached: Int64, end: Int64) {
        self.lines = lines
        self.reached = reached
        self.end = end
    }

    public var isLast: Bool { reached >= end }
}
