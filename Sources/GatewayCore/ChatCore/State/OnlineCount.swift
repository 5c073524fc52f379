/// How many members of a group were online when they were last counted.
struct OnlineCount {
    /// Of a larger group somebody comes or goes all the time, and counting costs: it is counted once in `keptMs`.
    static let largeMembers = 1_000
    static let keptMs: Int64 = 1_000

    let count: Int
    /// `PresenceBoard.version` at the time.
    let version: UInt64
    let atMs: Int64

    func holds(_ version: UInt64, members: Int, nowMs: Int64) -> Bool {
        self.version == version || members > Self.largeMembers && nowMs - atMs < Self.keptMs
    }
}
