internal import Synchronization

/// The pulse of a loop, for a watchdog and for metrics: written by its loop, read by any thread.
public final class LoopTick: Sendable {
    private let iterationCount = Atomic<UInt64>(0)
    private let busyTotalNs = Atomic<Int64>(0)
    private let wokeAtNs = Atomic<Int64>(0)

    public init() {}

    /// Iterations so far. A live loop makes at least one per `EventLoop.sleepMsMax`.
    public var iterations: UInt64 {
        iterationCount.load(ordering: .relaxed)
    }

    /// Time spent outside of the poll so far, in ns of wall time.
    public var busyNs: Int64 {
        busyTotalNs.load(ordering: .relaxed)
    }

    /// Since when the current iteration works, in monotonic ns; 0 while asleep.
    public var workingSinceNs: Int64 {
        wokeAtNs.load(ordering: .relaxed)
    }

    /// For the loop, and for threads that wait on a plain mailbox: the work of an iteration is done.
    public func willSleep() {
        let woke = wokeAtNs.load(ordering: .relaxed)
        if woke != 0 { busyTotalNs.wrappingAdd(SystemTime.monotonicNs() - woke, ordering: .relaxed) }
        wokeAtNs.store(0, ordering: .relaxed)
    }

    /// An iteration begins.
    public func didWake() {
        wokeAtNs.store(SystemTime.monotonicNs(), ordering: .relaxed)
        iterationCount.wrappingAdd(1, ordering: .relaxed)
    }
}
