/// What the core holds at one moment, for metrics.
public struct CoreCounts: Sendable, Equatable {
    public let sessions: Int
    /// Including users in the grace period.
    public let onlineUsers: Int
    public let cachedEntities: Int
    /// Estimated.
    public let cachedBytes: Int
    public let parkedCommands: Int
    public let loads: Int
    public let timers: Int
}
