/// What the configuration says of all webhooks. Value.
struct WebhookRules: Sendable, Equatable {
    /// One attempt, from the connect to the last byte of the answer.
    var timeoutMs = 5_000
    /// Attempts after the first.
    var retries = 10
    var policy = TargetPolicy(allowsPrivate: false, allowsLoopback: false)

    /// From the first failure to the second attempt; doubled each time.
    static let backoffMs: Int64 = 1_000
    static let backoffMsMax: Int64 = 600_000

    /// How long to wait after that many failures. `chance`: 0..<1; half of the wait is left to it, so that hooks which
    /// failed together do not come back together.
    static func waitMs(failures: Int, chance: Double) -> Int64 {
        let whole = min(backoffMs << min(failures - 1, 20), backoffMsMax)
        return whole / 2 + Int64(Double(whole / 2) * chance)
    }
}

extension WebhookRules {
    init(_ configuration: Configuration) {
        self.init(
            timeoutMs: configuration.webhooks.timeoutMs, retries: configuration.webhooks.retries,
            policy: TargetPolicy(
                allowsPrivate: configuration.webhooks.allowPrivateTargets,
                allowsLoopback: configuration.webhooks.allowLoopbackTargets))
    }
}
