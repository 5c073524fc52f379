/// What a loop drives. Confined to the loop's thread; every callback runs there and must not block.
public protocol EventLoopHandler: AnyObject {
    associatedtype Message: Sendable

    /// Something happened to a registered descriptor. Look the token up first: it may be of a connection that was closed
    /// earlier in this iteration.
    func ready(_ token: PollToken, _ events: PollEvents)

    /// A message from another thread.
    func receive(_ message: Message)

    /// A timer ran out. Its owner may be gone.
    func timerFired(_ timer: FiredTimer)

    /// All input of this iteration has been handled: flush what was queued.
    func beforeSleep()

    /// Last in the iteration: nothing refers to what was closed in it any more, so it can be freed.
    func reclaim()
}

extension EventLoopHandler {
    public func reclaim() {}
}

/// The turning wheel of a thread: poll → ready events → mailbox → due timers → flush → frees, once per iteration.
///
/// Confined to its thread: made inside the thread's body, where the compiler keeps it, since it is not Sendable. What
/// other threads hold are the `Mailbox` and the `LoopTick`.
///
/// The order gives the batching: whatever events, messages and timers put on a connection's queue in one iteration
/// leaves in one write in `beforeSleep`.
public final class EventLoop<Handler: EventLoopHandler> {
    /// The longest sleep: a loop without work still ticks this often, so a watchdog can tell idle from stuck.
    public static var sleepMsMax: Int64 { 1000 }

    public let poller: Poller
    public let mailbox: Mailbox<Handler.Message>
    public let timers: TimerWheel
    public let buffers: LoopBuffers
    public let tick: LoopTick

    public let clock: LoopClock

    /// Monotonic time in ms, read once per iteration.
    public var nowMs: Int64 { clock.nowMs }

    @usableFromInline var isRunning = true
    private var isHurried = false

    public init(
        mailbox: Mailbox<Handler.Message>, tick: LoopTick = LoopTick(), buffers: LoopBuffers = LoopBuffers()
    ) throws(SystemError) {
        self.mailbox = mailbox
        self.tick = tick
        self.buffers = buffers
        poller = try Poller()
        clock = LoopClock()
        timers = TimerWheel(startingAt: clock.nowMs)
        try poller.addMailbox(mailbox.wakeEvent)
    }

    /// Turns until `stop`, then closes the mailbox.
    ///
    /// Inlinable, so that it is specialised for its handler and message.
    @inlinable
    public func run(_ handler: Handler) {
        var inbox: [Handler.Message] = []
        while isRunning {
            let ready = awaitEvents()
            for index in 0..<ready {
                let event = poller.event(at: index)
                if !event.token.isMailbox { handler.ready(event.token, event.events) }
            }
            mailbox.drain(into: &inbox)
            for message in inbox { handler.receive(message) }
            while let timer = timers.popDue(at: nowMs) { handler.timerFired(timer) }
            handler.beforeSleep()
            handler.reclaim()
        }
        mailbox.close()
    }

    /// Ends `run` after the current iteration. On the loop's thread; others post a message.
    public func stop() {
        isRunning = false
    }

    /// The next iteration begins without sleeping: there is work that a budget has put off.
    public func hurry() {
        isHurried = true
    }

    /// Polls until an event, a message or the next timer; the number of events.
    @usableFromInline
    func awaitEvents() -> Int {
        var timeoutMs: Int64 = 0
        if !isHurried, mailbox.prepareToSleep() {
            let deadlineMs = timers.nextWakeMs ?? .max
            timeoutMs = min(max(deadlineMs - SystemTime.monotonicMs(), 0), Self.sleepMsMax)
        }
        isHurried = false
        tick.willSleep()
        let ready = poller.wait(timeoutMs: Int32(timeoutMs))
        tick.didWake()
        clock.read()
        return ready
    }
}
