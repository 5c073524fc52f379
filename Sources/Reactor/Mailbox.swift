public import Synchronization

/// Many threads post, one takes. The only way into a confined thread.
///
/// Any thread posts; `drain`, `prepareToSleep` and `waitAndDrain` belong to the one consumer. The lock is held for an
/// append or a swap, never while a message is handled. The wake-up is a write to an event counter, made only when the
/// consumer has said that it goes to sleep and nobody has woken it since: a busy consumer costs its posters nothing.
///
/// Posts from one thread arrive in their order.
///
/// Inlinable, so that it is specialised for its message: through generic witnesses a post costs ten times as much.
public final class Mailbox<Message: Sendable>: Sendable {
    @usableFromInline
    struct State: Sendable {
        @usableFromInline var pending: [Message] = []
        @usableFromInline var consumerSleeps = false
        @usableFromInline var isClosed = false

        @usableFromInline
        init() {}
    }

    /// What a post did: whether it was taken, and whether the consumer must be woken.
    @usableFromInline
    enum PostOutcome {
        case refused, taken, takenWakeConsumer
    }

    @usableFromInline let state = Mutex(State())
    @usableFromInline let droppedCount = Atomic<Int>(0)
    let wakeEvent: Descriptor

    /// From so many waiting messages on, droppable ones are refused.
    public let droppableMax: Int

    /// Capacity that is given back after a burst, in messages.
    @inlinable static var retainedCapacityMax: Int { 8192 }

    public init(droppableMax: Int = .max) throws(SystemError) {
        self.droppableMax = droppableMax
        wakeEvent = try Syscall.makeEvent()
    }

    /// Queues a message, always (what is posted this way is bounded elsewhere, by credits). False only when the
    /// mailbox is closed.
    @inlinable
    @discardableResult
    public func post(_ message: Message) -> Bool {
        post(max: .max) { $0.append(message) }
    }

    /// Queues several messages that stay together and in order.
    @inlinable
    @discardableResult
    public func post(contentsOf messages: [Message]) -> Bool {
        messages.isEmpty || post(max: .max) { $0.append(contentsOf: messages) }
    }

    /// Queues a message unless `droppableMax` are waiting already. A refusal is counted.
    @inlinable
    @discardableResult
    public func postDroppable(_ message: Message) -> Bool {
        if post(max: droppableMax, { $0.append(message) }) { return true }
        droppedCount.wrappingAdd(1, ordering: .relaxed)
        return false
    }

    /// Droppable messages refused so far.
    public var dropped: Int {
        droppedCount.load(ordering: .relaxed)
    }

    /// Messages waiting now; for metrics.
    public var depth: Int {
        state.withLock { $0.pending.count }
    }

    @inlinable
    func post(max: Int, _ append: (inout [Message]) -> Void) -> Bool {
        let outcome = state.withLock { state -> PostOutcome in
            if state.isClosed || state.pending.count >= max { return .refused }
            append(&state.pending)
            if !state.consumerSleeps { return .taken }
            state.consumerSleeps = false
            return .takenWakeConsumer
        }
        if outcome == .takenWakeConsumer { wakeConsumer() }
        return outcome != .refused
    }

    @usableFromInline
    func wakeConsumer() {
        Syscall.signal(wakeEvent)
    }

    /// Consumer: replaces the contents of `batch` by everything that waits, in order. `batch` is the other half of a
    /// double buffer: pass the same array each time, and nothing is allocated in steady state.
    @inlinable
    public func drain(into batch: inout [Message]) {
        Mailbox.empty(&batch)
        state.withLock { state in
            state.consumerSleeps = false
            if !state.pending.isEmpty { swap(&state.pending, &batch) }
        }
    }

    /// Consumer: announces a sleep. False if messages wait, so there is no sleeping; after true, the next post signals.
    @inlinable
    public func prepareToSleep() -> Bool {
        state.withLock { state in
            guard state.pending.isEmpty else { return false }
            state.consumerSleeps = true
            return true
        }
    }

    /// Consumer without an event loop: sleeps until there are messages, the mailbox is closed, or `timeoutMs` has passed
    /// (nil: no limit), then drains. False when it is closed and empty: the consumer's end.
    @inlinable
    public func waitAndDrain(into batch: inout [Message], timeoutMs: Int64? = nil) -> Bool {
        if prepareToSleep() {
            if isClosed {
                Mailbox.empty(&batch)
                return false
            }
            awaitWake(timeoutMs: timeoutMs)
        }
        drain(into: &batch)
        return !(batch.isEmpty && isClosed)
    }

    @usableFromInline
    func awaitWake(timeoutMs: Int64?) {
        Syscall.awaitReadable(wakeEvent, timeoutMs: timeoutMs.map { Int32(clamping: max($0, 0)) } ?? -1)
        Syscall.clear(wakeEvent)
    }

    /// Refuses all further posts. What waits can still be drained; a sleeping consumer wakes.
    public func close() {
        let wake = state.withLock { state in
            state.isClosed = true
            defer { state.consumerSleeps = false }
            return state.consumerSleeps
        }
        if wake { Syscall.signal(wakeEvent) }
    }

    @usableFromInline var isClosed: Bool {
        state.withLock { $0.isClosed }
    }

    @inlinable
    static func empty(_ batch: inout [Message]) {
        if batch.capacity > retainedCapacityMax, batch.count < batch.capacity / 4 {
            batch = []
        } else {
            batch.removeAll(keepingCapacity: true)
        }
    }
}
