/// One durable change, as the log writes it. A decision holds those that belong together; they commit together.
public enum Change: Sendable {
    case message(MessageRecord)
    /// Insert or replace.
    case user(UserRecord)
    /// The record goes, with tokens, friends, blocks of either side, bans and memberships (closed at the decision's
    /// `seq`); messages stay.
    case userDeleted(UserID)
    case lastActive(UserID, at: Int64)
    case token(TokenRecord)
    case tokenDeleted(TokenHash)
    /// Every token of the user.
    case tokensDeleted(UserID)
    case friendship(UserID, UserID, exists: Bool)
    /// The first user blocks the second, or no longer does.
    case block(UserID, blocked: UserID, exists: Bool)
    case group(GroupRecord)
    /// With its members, bans, marks and history.
    case groupDeleted(GroupID)
    /// Opens a membership interval at the decision's `seq`; of who is a member already it changes the scope.
    case memberAdded(Membership)
    /// Closes the interval at the decision's `seq`: the removed user still sees the event at that position.
    case memberRemoved(GroupID, UserID)
    /// Insert or replace. Says nothing of a membership: `.memberRemoved` ends one.
    case banned(Ban)
    case unbanned(GroupID, UserID)
    case mark(Conversation, ReceiptMark)
    /// The user's own side of the conversation; the decision needs no position for it.
    case conversation(Conversation, of: UserID, ConversationChange)
    /// The message as an edit or a deletion leaves it; one that does not exist stays so.
    case messageChanged(MessageRecord)
    case reaction(ReactionChange)
    case interaction(InteractionChange)
    /// A line of the feed; nothing else keeps it.
    case connection(ConnectionEvent)
    /// Insert, or where it stands now; its facts never change. Stands before the message it goes with.
    case call(CallRecord)
}

/// What the core decided, as far as the log is concerned. Decisions are committed in order.
public struct LoggedDecision: Sendable {
    public let app: AppNumber
    /// The event's position, or 0 when the decision has none (user, token and friend changes).
    public let seq: Int64
    /// Unix seconds of the decision; 0: not told.
    public let at: Int64
    /// Never empty. At most one `.message`; if it has a `muid` the log judges duplicates by (app, sender, muid).
    public let changes: [Change]

    public init(app: AppNumber, seq: Int64, at: Int64 = 0, changes: [Change]) {
        self.app = app
        self.seq = seq
        self.at = at
        self.changes = changes
    }
}

/// How a committed decision ended.
public enum CommitOutcome: Sendable {
    case committed
    /// Nothing of the decision was written: the same sender's `muid` was used before, for this message.
    case duplicate(of: MessageRecord)
}
