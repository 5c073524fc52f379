public import ChatModel
public import WireProtocol

/// What a shard asks of the store for a returning session: a page of the durable events it missed, those of the session
/// itself left out. Value; crosses threads.
public struct ReplayQuery: Sendable, Equatable {
    public let app: AppNumber
    public let uid: UserID
    public let session: SessionID
    /// Exclusive.
    public let after: Int64
    /// Inclusive.
    public let through: Int64
    /// The page ends after so many events, or with the one whose frame passes `bytesMax`; never between two events of one
    /// position.
    public let eventsMax: Int
    public let bytesMax: Int
}

/// A page of a replay with its frames encoded.
public struct EncodedReplayPage: Sendable {
    public struct Event: Sendable {
        public let seq: Int64
        public let frame: SharedFrame
        /// `.durable` or `.receipt`.
        public let kind: OutboundKind

        public init(seq: Int64, frame: SharedFrame, kind: OutboundKind) {
            self.seq = seq
            self.frame = frame
            self.kind = kind
        }
    }

    /// Ascending by `seq`.
    public let events: [Event]
    /// The `after` of the next query; nil: there is nothing more up to `through`.
    public let next: Int64?
    /// Whether retention removed events after the query's `after`: something may be missing.
    public let hasGap: Bool

    public init(events: [Event], next: Int64?, hasGap: Bool = false) {
        self.events = events
        self.next = next
        self.hasGap = hasGap
    }
}
