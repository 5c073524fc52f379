/// How clients are opened.
struct CrowdPlan {
    let count: Int
    /// So many are being opened at a time.
    let concurrency: Int
    /// At most so many begin in a second; nil: as fast as they can.
    var perSecond: Double?

    /// How many may have begun `elapsedMs` after the first.
    func allowance(elapsedMs: Int64) -> Int {
        guard let perSecond else { return count }
        return min(count, 1 + Int(perSecond * Double(elapsedMs) / 1000))
    }
}
