import ChatModel
import EventLog
import Logging
import Reactor
import Synchronization
import Testing
import WireProtocol

@testable import GatewayCore
@testable import GatewayServer

/// A log that can be told to fail.
private final class FailingLog: EventLog {
    private let twin: InMemoryEventLog
    let isFailing: Mutex<Bool>

    init(twin: InMemoryEventLog, failing: Bool) {
        self.twin = twin
        isFailing = Mutex(failing)
    }

    func commit(_ decisions: [LoggedDecision]) throws(LogFailure) -> [CommitOutcome] {
        if isFailing.withLock({ $0 }) { throw LogFailure(reason: "told to fail") }
        return try twin.commit(decisions)
    }

    func reserve(_ app: AppNumber, through: Int64) throws(LogFailure) {
        if isFailing.withLock({ $0 }) { throw LogFailure(reason: "told to fail") }
        try twin.reserve(app, through: through)
    }

    func keep(_ positions: [HookPosition]) throws(LogFailure) {
        if isFailing.withLock({ $0 }) { throw LogFailure(reason: "told to fail") }
        try twin.keep(positions)
    }

    func maintain(nowSeconds: Int64) throws(LogFailure) -> Bool { false }
}

/// A log that has `left` slices of upkeep to do.
private final class BehindLog: EventLog, Sendable {
    let left: Mutex<Int>
    let commits = Mutex(0)

    init(left: Int) { self.left = Mutex(left) }

    func commit(_ decisions: [LoggedDecision]) throws(LogFailure) -> [CommitOutcome] {
        commits.withLock { $0 += 1 }
        return decisions.map { _ in .committed }
    }

    func reserve(_ app: AppNumber, through: Int64) throws(LogFailure) {}
    func keep(_ positions: [HookPosition]) throws(LogFailure) {}

    func maintain(nowSeconds: Int64) throws(LogFailure) -> Bool {
        left.withLock { left in
            left -= left > 0 ? 1 : 0
            return left > 0
        }
    }
}

@Suite struct LogThreadTests {
    private let app = AppNumber(1)
    private let twin = InMemoryEventLog()
    private let core: Mailbox<CoreMessage>
    private let worker: Mailbox<WorkerMessage>
    private let health = LogHealth()

    init() throws {
        core = try Mailbox()
        worker = try Mailbox()
    }

    private func run(_ log: FailingLog, _ messages: [LogMessage]) throws {
        let mailbox = try Mailbox<LogMessage>()
        mailbox.post(contentsOf: messages + [.stop])
        LogThread(
            log: log, store: twin, health: health, core: core, workers: [worker], logger: Logger(label: "test")
        ).run(mailbox, tick: LoopTick())
    }

    /// A slice a second would take longer than any test: while there is more, it goes on at once.
    @Test func upkeepGoesOnWhileThereIsMoreAndNothingWaits() async throws {
        let log = BehindLog(left: 2_000)
        let mailbox = try Mailbox<LogMessage>()
        let (twin, core, worker, health) = (twin, core, worker, health)
        let thread = Task.detached {
            LogThread(
                log: log, store: twin, health: health, core: core, workers: [worker], logger: Logger(label: "test")
            ).run(mailbox, tick: LoopTick())
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while log.left.withLock({ $0 }) > 0, ContinuousClock.now < deadline { await Task.yield() }
        mailbox.post(.stop)
        await thread.value
        #expect(log.left.withLock { $0 } == 0)
    }

    private func decision(_ uid: String, request: UInt64, credit: Credit = .none) -> Decision {
        let record = UserRecord(uid: UserID(trusted: uid), name: uid, createdAt: 1)
        let address = ReplyAddress(connection: ConnectionReference(7), request: request)
        return Decision(
            app: app, changes: [.user(record)], projections: [.userChanged(record)],
            reply: Reply(address: address, body: .done), credit: credit)
    }

    private func passedOn() -> [EncodingBatch.Item] {
        var messages: [WorkerMessage] = []
        worker.drain(into: &messages)
        return messages.flatMap { message -> [EncodingBatch.Item] in
            if case .batch(let batch) = message { batch.items } else { [] }
        }
    }

    private func isFailed(_ item: EncodingBatch.Item) -> Bool {
        guard case .failed(let failure) = item.decision.reply?.body else { return false }
        return failure.code == .unavailable && item.decision.projections.isEmpty
    }

    @Test func whatIsCommittedIsPassedOnInOrderAndTold() throws {
        try run(
            FailingLog(twin: twin, failing: false),
            [.decision(decision("a", request: 1)), .decision(decision("b", request: 2))])
        #expect(passedOn().map { $0.decision.reply?.address.request } == [1, 2])
        var told: [CoreMessage] = []
        core.drain(into: &told)
        guard case .committed(let through) = told.last else {
            Issue.record("the core was not told")
            return
        }
        #expect(through == 2)
        #expect(health.isWritable)
    }

    @Test func aFailedCommitAnswersEverythingUntilTheCoreHasRecovered() throws {
        let log = FailingLog(twin: twin, failing: true)
        let credit = Credit(shard: 0, commands: 1, bytes: 10)
        try run(log, [.decision(decision("a", request: 1, credit: credit))])
        let first = passedOn()
        #expect(first.count == 1)
        #expect(first.allSatisfy(isFailed))
        #expect(first[0].decision.credit == credit, "the credit goes back all the same")
        #expect(!health.isWritable)
        var told: [CoreMessage] = []
        core.drain(into: &told)
        guard case .failed(let from) = told.last else {
            Issue.record("the core was not told")
            return
        }
        #expect(from == 1)
    }

    @Test func decisionsBetweenTheFailureAndTheRecoveryAreVoid() throws {
        let log = FailingLog(twin: twin, failing: true)
        let mailbox = try Mailbox<LogMessage>()
        let tick = LoopTick()
        let (core, worker, health, twin) = (core, worker, health, twin)
        let failing = decision("a", request: 1)
        let handed = Handover<FailingLog>(log)
        let thread = try SystemThread(name: "log-test") {
            LogThread(
                log: handed.take(), store: twin, health: health, core: core, workers: [worker],
                logger: Logger(label: "test")
            ).run(mailbox, tick: tick)
        }
        mailbox.post(.decision(failing))
        while health.isWritable { mailbox.post(contentsOf: []) }
        log.isFailing.withLock { $0 = false }
        mailbox.post(contentsOf: [
            .decision(decision("b", request: 2)), .recovered, .decision(decision("c", request: 3)), .stop,
        ])
        thread.join()
        let items = passedOn()
        #expect(items.map { $0.decision.reply?.address.request } == [1, 2, 3])
        #expect(items.map(isFailed) == [true, true, false])
        #expect(try twin.user(app, UserID(trusted: "b")) == nil, "void, although the store worked again")
        #expect(try twin.user(app, UserID(trusted: "c")) != nil)
        #expect(health.isWritable)
    }
}
