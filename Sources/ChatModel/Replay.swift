/// What a returning session asks of the store: the durable events addressed to its user, as they stand now, except those
/// that came from the session itself. Ascending by position.
public struct ReplayRequest: Sendable, Equatable {
    public let app: AppNumber
    public let uid: UserID
    public let session: SessionID
    /// Exclusive.
    public let after: Int64
    /// Inclusive.
    public let through: Int64
    /// The page ends after so many events, or with the event that passes `bytesMax` of message data.
    public let eventsMax: Int
    public let bytesMax: Int

    public init(
        app: AppNumber, uid: UserID, session: SessionID, after: Int64, through: Int64, eventsMax: Int, bytesMax: Int
    ) {
        self.app = app
        self.uid = uid
        self.session = session
        self.after = after
        self.through = through
        self.eventsMax = eventsMax
        self.bytesMax = bytesMax
    }
}

/// A page of a replay.
public struct ReplayPage: Sendable {
    public enum Event: Sendable {
        case message(MessageView)
        /// Restated: for the author's newest message at or below the mark, at the mark's position.
        case receipt(ReceiptEvent)

        public var seq: Int64 {
            switch self {
            case .message(let view): view.message.id
            case .receipt(let receipt): receipt.seq
            }
        }
    }

    /// Ascending by `seq`.
    public let events: [Event]
    /// Whether there are more up to the request's `through`.
    public let hasMore: Bool
    /// Whether retention removed events after the request's `after`: something may be missing.
    public let hasGap: Bool

    public init(events: [Event], hasMore: Bool, hasGap: Bool = false) {
        self.events = events
        self.hasMore = hasMore
        self.hasGap = hasGap
    }
}
