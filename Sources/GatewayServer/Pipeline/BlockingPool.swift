internal import DequeModule
internal import Foundation
public import Reactor
internal import Synchronization

/// A few threads for what blocks: store reads, files, KDFs. Any thread submits; the queue is bounded.
///
/// One queue for all threads, so that a slow job holds up nobody while another thread is free. A job posts its own
/// result where it belongs.
public final class BlockingPool: Sendable {
    public typealias Job = @Sendable () -> Void

    private struct State: Sendable {
        var waiting: Deque<Job> = []
        var running = 0
        var isClosed = false
        var threads: [SystemThread] = []
    }

    private let state = Mutex(State())
    /// One permit per waiting job, and one per thread when the pool closes.
    private let permits = DispatchSemaphore(value: 0)
    public let queueMax: Int

    public init(threads count: Int = 4, queueMax: Int = 4_096, name: String = "pool") throws(SystemError) {
        precondition(count > 0, "a pool needs a thread")
        self.queueMax = queueMax
        for index in 0..<count {
            let thread = try SystemThread(name: "\(name)-\(index)", stackBytes: 2 << 20) { self.work() }
            state.withLock { $0.threads.append(thread) }
        }
    }

    /// False when `queueMax` jobs wait already, or the pool is closed.
    public func submit(_ job: @escaping Job) -> Bool {
        let taken = state.withLock { state in
            guard !state.isClosed, state.waiting.count < queueMax else { return false }
            state.waiting.append(job)
            return true
        }
        if taken { permits.signal() }
        return taken
    }

    /// Jobs waiting or running; for metrics.
    public var depth: Int { state.withLock { $0.waiting.count + $0.running } }

    /// Refuses further jobs, finishes what was taken, and joins the threads.
    public func close() {
        let threads = state.withLock { state in
            state.isClosed = true
            defer { state.threads = [] }
            return state.threads
        }
        for _ in threads { permits.signal() }
        for thread in threads { thread.join() }
    }

    private func work() {
        while true {
            permits.wait()
            let job = state.withLock { state -> Job? in
                guard let job = state.waiting.popFirst() else { return nil }
                state.running += 1
                return job
            }
            // A permit without a job is the pool's end: those for jobs were given first.
            guard let job else { return }
            job()
            state.withLock { $0.running -= 1 }
        }
    }
}
