/// How far the log of one app has come.
public struct LogPositions: Sendable, Equatable {
    /// The highest position committed; 0 at first.
    public let committed: Int64
    /// The highest position ever reserved; none up to it may be handed out again after a restart.
    public let reserved: Int64
    /// `sentAt` of the newest message, Unix seconds; 0 at first. The next one may not be older.
    public let lastSentAt: Int64

    public init(committed: Int64, reserved: Int64, lastSentAt: Int64 = 0) {
        self.committed = committed
        self.reserved = reserved
        self.lastSentAt = lastSentAt
    }
}
