public import ChatModel

/// What a returning session asks for: a page of the durable events it missed.
public struct ReplayRequest: Sendable, Equatable {
    public let app: AppNumber
    public let uid: UserID
    /// The session that resumes: its own events are left out. nil: no event is.
    public let session: SessionID?
    /// Exclusive.
    public let after: Int64
    /// Inclusive: the position that the connection is live from.
    public let through: Int64
    /// Items wanted, at least 1. A page holds more only to keep the items of one position together.
    public let limit: Int

    public init(app: AppNumber, uid: UserID, session: SessionID?, after: Int64, through: Int64, limit: Int) {
        precondition(limit > 0, "a replay page holds at least one item")
        self.app = app
        self.uid = uid
        self.session = session
        self.after = after
        self.through = through
        self.limit = limit
    }
}
