/// What is known of when a user was active beyond the store's record: now, or a moment ago.
public struct LastActive: Sendable, Equatable {
    public let isOnline: Bool
    /// Unix seconds.
    public let at: Int64

    public init(isOnline: Bool, at: Int64) {
        self.isOnline = isOnline
        self.at = at
    }
}
