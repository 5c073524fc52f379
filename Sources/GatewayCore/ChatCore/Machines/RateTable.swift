import ChatModel

/// One rate bucket per user who used it lately; full buckets are forgotten as the table grows.
struct RateTable {
    private static let sweepMin = 1_024

    private var buckets: [UserID: RateBucket] = [:]
    private var sweepAt = RateTable.sweepMin

    var count: Int { buckets.count }

    /// Takes one of the user's; nil: allowed. Otherwise the milliseconds to wait. A rate of 0 allows everything.
    mutating func take(_ user: UserID, nowMs: Int64, rate: Int, periodMs: Int64) -> Int64? {
        guard rate > 0 else { return nil }
        let wait = buckets[user, default: RateBucket()].take(nowMs: nowMs, rate: rate, periodMs: periodMs)
        if buckets.count >= sweepAt {
            buckets = buckets.filter { !$0.value.isFull(nowMs: nowMs) }
            sweepAt = max(Self.sweepMin, 2 * buckets.count)
        }
        return wait
    }
}
