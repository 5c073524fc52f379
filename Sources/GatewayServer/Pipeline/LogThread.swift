internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Logging
internal import Reactor
internal import Synchronization
internal import WireProtocol

/// What other threads may know of the log. Any thread.
final class LogHealth: Sendable {
    private let writable = Atomic<Bool>(true)
    let commits = Atomic<Int>(0)
    let decisionsCommitted = Atomic<Int>(0)
    let duplicates = Atomic<Int>(0)
    let failures = Atomic<Int>(0)

    /// False from a failed commit until one succeeds.
    var isWritable: Bool { writable.load(ordering: .relaxed) }

    func set(writable value: Bool) { writable.store(value, ordering: .relaxed) }
}

/// The log thread's body: takes decisions, commits them in groups, and passes them on in order.
///
/// Owned by the log thread. Whatever waits when a commit ends forms the next one, so the group grows with the load.
///
/// After a failed commit all decisions are void until the core says that it has dropped its state (`recovered`): they
/// were decided on top of what never became true.
final class LogThread {
    /// Larger transactions were measured to be slower per row.
    static let groupMax = 512

    /// Upkeep waits for an idle moment; past this it takes one from the commits, so that it never falls behind for good.
    private static let upkeepMs: Int64 = 1_000

    private let log: any EventLog
    private let store: any Store
    private let health: LogHealth
    private let core: Mailbox<CoreMessage>
    private let workers: [Mailbox<WorkerMessage>]
    private let webhooks: WebhookInbox
    private let logger: Logger

    private var group: [Decision] = []
    private var batchNumber: UInt64 = 0
    /// Decisions seen so far, the core's own count.
    private var decisionNumber: UInt64 = 0
    private var isVoid = false
    /// The log has more to do as soon as nothing waits.
    private var hasUpkeep = false
    private var restedMs = SystemTime.monotonicMs()
    /// Of the last app that reserved: written again to find out whether the store works again.
    private var probe: (AppNumber, through: Int64)?

    init(
        log: any EventLog, store: any Store, health: LogHealth, core: Mailbox<CoreMessage>,
        workers: [Mailbox<WorkerMessage>], webhooks: WebhookInbox = WebhookInbox(), logger: Logger
    ) {
        self.log = log
        self.store = store
        self.health = health
        self.core = core
        self.workers = workers
        self.webhooks = webhooks
        self.logger = logger
    }

    func run(_ mailbox: Mailbox<LogMessage>, tick: LoopTick) {
        var inbox: [LogMessage] = []
        var running = true
        while running {
            tick.willSleep()
            let open = mailbox.waitAndDrain(into: &inbox, timeoutMs: hasUpkeep ? 0 : Self.upkeepMs)
            tick.didWake()
            for message in inbox {
                if case .stop = message { running = false } else { receive(message) }
            }
            commitGroup()
            if inbox.isEmpty || SystemTime.monotonicMs() - restedMs >= Self.upkeepMs { rest() }
            running = running && open
        }
        commitGroup()
        for worker in workers { worker.post(.stop) }
    }

    private func receive(_ message: LogMessage) {
        switch message {
        case .decision(let decision):
            decisionNumber += 1
            group.append(decision)
            if group.count >= Self.groupMax { commitGroup() }
        case .reserve(let app, let through):
            commitGroup()
            reserve(app, through: through)
        case .recovered:
            commitGroup()
            isVoid = false
        case .hooks(let positions):
            commitGroup()
            keep(positions)
        case .stop:
            break
        }
    }

    /// What is lost here a later position makes good.
    private func keep(_ positions: [HookPosition]) {
        do { try log.keep(positions) } catch { failed(error) }
    }

    private func reserve(_ app: AppNumber, through: Int64) {
        probe = (app, through)
        do {
            try log.reserve(app, through: through)
            core.post(.reserved(app, through: through))
            recovered()
        } catch {
            core.post(.reserveFailed(app))
            failed(error)
        }
    }

    private func commitGroup() {
        guard !group.isEmpty else { return }
        defer { group.removeAll(keepingCapacity: true) }
        if isVoid { return passOnVoid() }
        let durable = group.compactMap { decision in
            decision.changes.isEmpty
                ? nil
                : LoggedDecision(
                    app: decision.app, seq: decision.seq, at: decision.at, changes: decision.changes)
        }
        do {
            let outcomes = durable.isEmpty ? [] : try log.commit(durable)
            if !durable.isEmpty {
                health.commits.wrappingAdd(1, ordering: .relaxed)
                health.decisionsCommitted.wrappingAdd(durable.count, ordering: .relaxed)
                recovered()
                if webhooks.isWatching { webhooks.grown(Set(durable.map(\.app))) }
            }
            let items = judged(outcomes)
            // After the judgements: what the core counted for a duplicate is pinned until now.
            core.post(.committed(through: decisionNumber))
            post(items)
        } catch {
            failed(error)
            isVoid = true
            passOnVoid()
            core.post(.failed(from: decisionNumber - UInt64(group.count) + 1))
        }
    }

    /// The group with its outcomes; tells the core of duplicates.
    private func judged(_ outcomes: [CommitOutcome]) -> [EncodingBatch.Item] {
        var durableIndex = 0
        return group.map { decision in
            guard !decision.changes.isEmpty else { return EncodingBatch.Item(decision: decision, duplicate: nil) }
            defer { durableIndex += 1 }
            guard case .duplicate(let first) = outcomes[durableIndex] else {
                return EncodingBatch.Item(decision: decision, duplicate: nil)
            }
            health.duplicates.wrappingAdd(1, ordering: .relaxed)
            for case .message(let record) in decision.changes { core.post(.duplicate(decision.app, record)) }
            return EncodingBatch.Item(decision: decision, duplicate: view(of: first, for: decision))
        }
    }

    /// The first message of a `muid`, with its own entities: they may differ from the second one's.
    private func view(of first: MessageRecord, for decision: Decision) -> MessageView {
        if let stored = try? store.message(decision.app, id: first.id) { return stored }
        guard case .message(let view, _) = decision.reply?.body else {
            preconditionFailure("only a sent message can be a duplicate")
        }
        return MessageView(message: first, sender: view.sender, receiver: view.receiver)
    }

    /// Answers every decision of the group as unavailable and drops what it would have done.
    private func passOnVoid() {
        let failure = APIFailure(.unavailable, "the store did not take the change; try again", retryAfterMs: 1_000)
        let items = group.map { decision in
            let reply = decision.reply.map { reply -> Reply in
                switch reply.body {
                case .connected, .connectRefused:
                    Reply(
                        address: reply.address,
                        body: .connectRefused(failure, status: .tooMany, close: .overloaded))
                default: Reply(address: reply.address, body: .failed(failure))
                }
            }
            return EncodingBatch.Item(
                decision: Decision(app: decision.app, reply: reply, credit: decision.credit), duplicate: nil)
        }
        post(items)
    }

    private func post(_ items: [EncodingBatch.Item]) {
        batchNumber += 1
        let involved = Set(items.map { FanoutWorker.worker(for: $0.decision, of: workers.count) })
        let batch = EncodingBatch(number: batchNumber, items: items, workers: involved.count)
        for index in involved { workers[index].post(.batch(batch)) }
    }

    /// Idle for a moment, or busy for long: one slice of checkpoints, retention and words, and finding out whether a
    /// failed store works again.
    private func rest() {
        restedMs = SystemTime.monotonicMs()
        hasUpkeep = false
        do {
            if !health.isWritable, let probe { try log.reserve(probe.0, through: probe.through) }
            hasUpkeep = try log.maintain(nowSeconds: SystemTime.wallMs() / 1_000)
            recovered()
        } catch {
            failed(error)
        }
    }

    private func recovered() {
        if !health.isWritable { logger.notice("the store takes writes again") }
        health.set(writable: true)
    }

    private func failed(_ failure: LogFailure) {
        health.failures.wrappingAdd(1, ordering: .relaxed)
        if health.isWritable { logger.error("the store refused a write", metadata: ["reason": "\(failure.reason)"]) }
        health.set(writable: false)
    }
}
