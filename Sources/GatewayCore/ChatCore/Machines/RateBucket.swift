/// A token bucket in one number (the generic cell rate algorithm): `rate` per period, bursts up to `rate`.
///
/// `fullAtUs` is the moment at which the bucket would be full again.
struct RateBucket: Sendable {
    private(set) var fullAtUs: Int64 = 0

    /// Takes one; nil: allowed. Otherwise the milliseconds after which one is available.
    mutating func take(nowMs: Int64, rate: Int, periodMs: Int64) -> Int64? {
        let intervalUs = Self.intervalUs(rate, periodMs)
        let nowUs = nowMs * 1_000
        let next = max(fullAtUs, nowUs) + intervalUs
        let excess = next - nowUs - intervalUs * Int64(rate)
        guard excess <= 0 else { return (excess + 999) / 1_000 }
        fullAtUs = next
        return nil
    }

    /// How many may be taken now.
    func left(nowMs: Int64, rate: Int, periodMs: Int64) -> Int {
        let intervalUs = Self.intervalUs(rate, periodMs)
        let owedUs = max(fullAtUs - nowMs * 1_000, 0)
        return max(Int((intervalUs * Int64(rate) - owedUs) / intervalUs), 0)
    }

    private static func intervalUs(_ rate: Int, _ periodMs: Int64) -> Int64 {
        max(periodMs * 1_000 / Int64(rate), 1)
    }
}
