import ChatModel

/// One rate bucket per user who used it lately. Past `capacity` users in one period, those longest away begin anew.
struct RateTable {
    static let capacity = 1 << 20

    private var buckets: RecentTable<UserID, RateBucket>

    init(capacity: Int = RateTable.capacity) {
        buckets = RecentTable(capacity: capacity)
    }

    var count: Int { buckets.count }

    /// Takes one of the user's; nil: allowed. Otherwise the milliseconds to wait. A rate of 0 allows everything.
    mutating func take(_ user: UserID, nowMs: Int64, rate: Int, periodMs: Int64) -> Int64? {
        guard rate > 0 else { return nil }
        var bucket = buckets[user] ?? RateBucket()
        if let wait = bucket.take(nowMs: nowMs, rate: rate, periodMs: periodMs) { return wait }
        // A bucket is full again at most one period after something was taken: forgotten then, nothing is lost.
        buckets.set(user, bucket, nowMs: nowMs, periodMs: periodMs)
        return nil
    }

    /// How many the user may take at once.
    func left(_ user: UserID, nowMs: Int64, rate: Int, periodMs: Int64) -> Int {
        (buckets[user] ?? RateBucket()).left(nowMs: nowMs, rate: rate, periodMs: periodMs)
    }
}
