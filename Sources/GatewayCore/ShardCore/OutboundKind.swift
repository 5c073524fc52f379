/// What a queued frame is, from the most to the least urgent.
public enum OutboundKind: UInt8, Sendable, CaseIterable {
    /// Answers of the shard itself: auth, pong, error, throttle.
    case control
    /// Messages and acks.
    case durable
    case receipt
    case presence
    /// Typing and transient.
    case fleeting

    /// Receipts share the durable frames' lane: both carry positions, and positions never go back on a connection.
    var lane: Int {
        switch self {
        case .control: 0
        case .durable, .receipt: 1
        case .presence: 2
        case .fleeting: 3
        }
    }

    /// Best effort: shed past the soft limit.
    var isEphemeral: Bool { self == .presence || self == .fleeting }
}
