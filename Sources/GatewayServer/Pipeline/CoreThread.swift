internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Reactor

/// The core thread's body: hands commands and answers to the one decider, and its decisions to the log.
///
/// Owned by the core thread.
enum CoreThread {
    /// How long the core sleeps at most: its timers are that late at worst when it knows of none.
    private static let sleepMsMax: Int64 = 1_000

    static func run(
        _ mailbox: Mailbox<CoreMessage>, rules: CoreRules, presence: PresenceTable, sendRates: SendRates,
        outlets: CoreOutlets, figures: CoreFigures, tick: LoopTick
    ) {
        let sink = CoreSink(outlets: outlets)
        let core = ChatCore(rules: rules, presence: presence, sendRates: sendRates, output: sink)
        var inbox: [CoreMessage] = []
        var running = true
        while running {
            tick.willSleep()
            let untilTimer = core.nextDeadlineMs.map { max($0 - SystemTime.monotonicMs(), 0) } ?? sleepMsMax
            let open = mailbox.waitAndDrain(into: &inbox, timeoutMs: min(untilTimer, sleepMsMax))
            tick.didWake()
            let clock = CoreClock(
                monotonicMs: SystemTime.monotonicMs(), wallSeconds: SystemTime.wallMs() / 1_000)
            for message in inbox {
                if case .stop = message { running = false } else { receive(message, core, clock) }
            }
            core.tick(at: clock)
            sink.flush()
            figures.set(core.counts)
            running = running && open
        }
        outlets.log.post(.stop)
    }

    private static func receive(_ message: CoreMessage, _ core: ChatCore<CoreSink>, _ clock: CoreClock) {
        switch message {
        case .command(let command, let credit): core.handle(command, credit: credit, at: clock)
        case .loaded(let key, let entity): core.loaded(key, entity, at: clock)
        case .reserved(let app, let through): core.reserved(app, through: through, at: clock)
        case .reserveFailed(let app): core.reserveFailed(app, at: clock)
        case .committed(let through): core.committed(through: through)
        case .failed(let from): core.failed(from: from)
        case .duplicate(let app, let record): core.judgedDuplicate(app, record)
        case .addApp(let app, let limits, let positions, let calls):
            core.addApp(
                app, limits: limits, reservedThrough: positions.reserved, lastSentAt: positions.lastSentAt,
                calls: calls)
        case .rules(let rules): core.apply(rules)
        case .stop: break
        }
    }
}

/// Where the core's outputs go. Any thread.
struct CoreOutlets: Sendable {
    let core: Mailbox<CoreMessage>
    let log: Mailbox<LogMessage>
    let workers: [Mailbox<WorkerMessage>]
    let pool: BlockingPool
    let store: any Store
}

/// Queues the core's outputs for the other threads. Owned by the core thread.
final class CoreSink: ChatCoreOutput {
    private let outlets: CoreOutlets
    /// In the order of the core's calls; posted together at the end of an iteration.
    private var pending: [LogMessage] = []

    init(outlets: CoreOutlets) {
        self.outlets = outlets
    }

    func decide(_ decision: Decision) {
        pending.append(.decision(decision))
    }

    func recovered() {
        pending.append(.recovered)
    }

    func reserve(_ app: AppNumber, through: Int64) {
        pending.append(.reserve(app, through: through))
    }

    func emit(_ event: EphemeralEvent) {
        let workers = outlets.workers
        workers[FanoutWorker.worker(for: event, of: workers.count)].postDroppable(.ephemeral(event))
    }

    func load(_ key: EntityKey) {
        let (core, store) = (outlets.core, outlets.store)
        let taken = outlets.pool.submit { core.post(.loaded(key, try? store.load(key))) }
        // Through the mailbox: the core is in the middle of the call.
        if !taken { core.post(.loaded(key, nil)) }
    }

    func flush() {
        outlets.log.post(contentsOf: pending)
        pending.removeAll(keepingCapacity: true)
    }
}
