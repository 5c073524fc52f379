internal import Reactor
internal import Synchronization

/// Whether the gateway lives, is ready, and what it can tell a scraper. Any thread.
final class GatewayHealth: Sendable {
    /// A loop that worked on one iteration for longer than this is stuck.
    static let stuckNs: Int64 = 10_000_000_000

    private struct Part: Sendable {
        let name: String
        let tick: LoopTick
    }

    private let parts = Mutex<[Part]>([])
    private let collectors = Mutex<[@Sendable (inout MetricsPage) -> Void]>([])
    private let draining = Atomic<Bool>(false)
    private let started = Atomic<Bool>(false)
    private let log: LogHealth

    init(log: LogHealth) {
        self.log = log
    }

    func watch(_ name: String, _ tick: LoopTick) {
        parts.withLock { $0.append(Part(name: name, tick: tick)) }
    }

    func collect(with collector: @escaping @Sendable (inout MetricsPage) -> Void) {
        collectors.withLock { $0.append(collector) }
    }

    func setStarted() { started.store(true, ordering: .releasing) }
    func setDraining() { draining.store(true, ordering: .releasing) }
    var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// The first loop that is stuck, or nil when all tick.
    func stuckPart(nowNs: Int64 = SystemTime.monotonicNs()) -> String? {
        parts.withLock { parts in
            parts.first { part in
                let since = part.tick.workingSinceNs
                return since != 0 && nowNs - since > Self.stuckNs
            }?.name
        }
    }

    /// nil when ready; else why not.
    func unreadiness() -> String? {
        if !started.load(ordering: .acquiring) { return "starting" }
        if isDraining { return "draining" }
        if !log.isWritable { return "the store is not writable" }
        return stuckPart().map { "\($0) is stuck" }
    }

    func metrics() -> String {
        var page = MetricsPage()
        page.add(ProcessFigures.read())
        page.add("halley_ready", .gauge, "1 when /readyz says so.", unreadiness() == nil ? 1 : 0)
        page.add("halley_log_commits_total", .counter, "Transactions committed.", log.commits.load(ordering: .relaxed))
        page.add(
            "halley_log_decisions_total", .counter, "Decisions committed.",
            log.decisionsCommitted.load(ordering: .relaxed))
        page.add(
            "halley_log_duplicates_total", .counter, "Messages found to repeat a muid.",
            log.duplicates.load(ordering: .relaxed))
        page.add(
            "halley_log_failures_total", .counter, "Writes the store refused.", log.failures.load(ordering: .relaxed))
        for part in parts.withLock({ $0 }) {
            page.add(
                "halley_loop_busy_seconds_total", .counter, "Time a loop spent working.",
                labels: [("loop", part.name)], Double(part.tick.busyNs) / 1e9)
        }
        for collector in collectors.withLock({ $0 }) { collector(&page) }
        return page.text
    }
}
