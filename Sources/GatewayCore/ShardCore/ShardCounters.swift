public import WireProtocol

/// What a shard counts, for metrics. Plain numbers that only its thread changes.
public struct ShardCounters: Sendable {
    /// Realtime connections, and those of them that are authenticated.
    public var connections = 0
    public var sessions = 0
    /// Frames received, by kind.
    public var received = ByFrame()
    /// Frames queued, by `OutboundKind.rawValue`.
    public var queued = [Int](repeating: 0, count: OutboundKind.allCases.count)
    /// Ephemeral frames not sent to a connection that lags or is in background, by `OutboundKind.rawValue`.
    public var shed = [Int](repeating: 0, count: OutboundKind.allCases.count)
    /// Connections ended by the gateway, by reason.
    public var closed = [CloseReason: Int]()
    /// Connections that ended without the gateway's doing.
    public var left = 0
    /// Commands refused for want of a credit.
    public var refused = 0
    public var replayed = 0

    public struct ByFrame: Sendable {
        public var auth = 0
        public var ping = 0
        public var typing = 0
        public var transient = 0
        public var receipt = 0
        public var message = 0
        public var appState = 0
        public var unknown = 0
        public var bad = 0
    }

    public init() {}
}
