/// Where a connection stands; the table is in `ShardCore.swift`.
enum SessionPhase: UInt8 {
    /// The slot is no realtime connection's.
    case free
    case awaitingAuth
    /// The credential is being checked.
    case verifying
    /// The core decides about `connect`.
    case connecting
    case replaying
    case live
    /// Its close frame is queued; gone from all tables.
    case closing

    /// In the interest tables.
    var isEstablished: Bool { self == .replaying || self == .live }
}

/// Whose presence a connection follows.
enum PresenceFollowing: UInt8 {
    case nobody, everybody, friends, roles
}
