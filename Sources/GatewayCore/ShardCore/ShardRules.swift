public import WireProtocol

/// The numbers a shard goes by (protocol.md §3, §4, §9). Times in milliseconds. May be replaced while running.
public struct ShardRules: Sendable {
    public var authTimeoutMs: Int64 = 10_000
    public var pingTimeoutMs: Int64 = 30_000
    public var backgroundTimeoutMs: Int64 = 30_000
    /// Durable frames replayed at most; 0: none.
    public var resumeLimit = 1_000
    /// Sizes of what frames carry, and the rates of frames and typing.
    public var limits = Limits()
    /// Queued bytes past which presence, typing and transient are shed, and replay waits.
    public var outboundSoftBytes = 262_144
    /// Queued bytes past which a connection is closed 4204.
    public var outboundHardBytes = 1_048_576
    public var presenceTickMs: Int64 = 100
    /// Presence frames to one `ALL_USERS` subscriber.
    public var presencePerSecond = 100

    /// Events in one page of a replay.
    var replayPageMax = 256
    /// What a replaying connection holds of live traffic; past either it reads the store again.
    var replayHeldMax = 256
    var replayHeldBytesMax = 262_144

    public init() {}

    /// Frames between `auth` and its answer; past either bound: 4102. Reading is paused meanwhile, so only what was
    /// decoded already comes here.
    static let heldFramesMax = 64
    static let heldBytesMax = 65_536
    /// Frames of one connection without their answer; from there on nothing more is read from it.
    static let requestsInFlightMax = 256
    /// Between attempts when the pool or the store did not serve a page, and how many there are before 4100.
    static let replayRetryMs: Int64 = 500
    static let replayFailuresMax = 20
    /// Users whose latest presence waits for one connection; past it the longest waiting is dropped.
    static let presencePendingMax = 4_096
    /// Between looks at the deadlines, so a cut is at most this and the caller's own tick late.
    static let sweepMs: Int64 = 250
    /// The spread of `retryAfterMs` over drained clients.
    static let drainRetryMs: ClosedRange<Int> = 1_000...60_000
}
