/// A token bucket in one number (the generic cell rate algorithm): `rate` per period, bursts up to `rate`.
///
/// `emptyUntilUs` is the moment at which the bucket would be full again.
struct RateBucket {
    private(set) var fullAtUs: Int64 = 0

    /// Takes one; nil: allowed. Otherwise the milliseconds after which one is available.
    mutating func take(nowMs: Int64, rate: Int, periodMs: Int64) -> Int64? {
        let intervalUs = max(periodMs * 1_000 / Int64(rate), 1)
        let nowUs = nowMs * 1_000
        let next = max(fullAtUs, nowUs) + intervalUs
        let excess = next - nowUs - intervalUs * Int64(rate)
        guard excess <= 0 else { return (excess + 999) / 1_000 }
        fullAtUs = next
        return nil
    }

    func isFull(nowMs: Int64) -> Bool { fullAtUs <= nowMs * 1_000 }
}
