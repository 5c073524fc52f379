internal import Synchronization

/// What the webhooks did, for scrapes. Any thread.
final class WebhookFigures: Sendable {
    struct Figures: Sendable, Equatable {
        let app: String
        let name: String
        var delivered = 0
        var failed = 0
        var skipped = 0
        /// Lines of the feed that are neither delivered nor known to be unwanted.
        var lag: Int64 = 0
    }

    private let figures = Mutex<[Figures]>([])

    func set(_ value: [Figures]) { figures.withLock { $0 = value } }
    var all: [Figures] { figures.withLock { $0 } }
}

extension MetricsPage {
    mutating func add(_ figures: WebhookFigures) {
        for hook in figures.all {
            let labels = [(name: "app", value: hook.app), (name: "webhook", value: hook.name)]
            add(
                "halley_webhook_deliveries_total", .counter, "Events that a webhook took.", labels: labels,
                hook.delivered)
            add(
                "halley_webhook_failures_total", .counter, "Attempts that a webhook did not take.", labels: labels,
                hook.failed)
            add(
                "halley_webhook_skipped_total", .counter, "Events given up after the last attempt.", labels: labels,
                hook.skipped)
            add(
                "halley_webhook_lag_lines", .gauge, "Lines of the feed still to be looked at or delivered.",
                labels: labels, Int(hook.lag))
        }
    }
}
