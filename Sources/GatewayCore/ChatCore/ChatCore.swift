public import ChatModel
import WireProtocol

/// The one decider: every command of every app is judged here, one after the other, against all chat state.
///
/// Confined to the core thread. Sans-I/O: inputs carry the time, outputs are calls into `output`.
/// ```
///            handle ──► admission ──► run ──► Turn ──► output.decide   (changes, projections, reply; FIFO to the log)
///                          │ parks              └────► output.emit     (presence, typing, transient)
///  output.load ◄───────────┤ entity not in memory
///            loaded ──► install, then everything that waited, in order of arrival per entity
///  output.reserve ◄── positions run low;  reserved ──► what was stalled goes on
///            committed / failed ──► pins end / cache dropped, sessions and presence stay
///            tick ──► grace, typing and call timers
/// ```
/// All state but sessions, presence, typing, rates and active calls is a cache of the store. `ChatCore+Admission` decides when a
/// command may go; `ChatCore+<subject>` holds the rules of each subject; the machines in `Machines` know no chat.
public final class ChatCore<Output: ChatCoreOutput> {
    enum Deadline {
        case grace(AppNumber, user: Int32)
        case typing(AppNumber, typist: Int32, TypingBoard.Target)
        case receipts(AppNumber, GroupID)
        case call(AppNumber, CallSessionID, CallInput, UserID)
    }

    let output: Output
    let presenceTable: PresenceTable
    let sendRates: SendRates
    var rules: CoreRules

    var apps: [AppNumber: AppContext] = [:]
    var sessions = SessionTable()
    /// `connect` commands that wait for entities or positions; true: the connection has gone meanwhile.
    var pendingConnects: [ConnectionReference: Bool] = [:]
    var timers = TimerHeap<Deadline>()
    var departures = Departures()
    var connectionJournal = ConnectionJournal()

    var cache = EntityCache<CachedEntity>()
    var loads = LoadTracker()
    var lot = ParkingLot<ParkedCommand>()
    var stalledCount = 0
    var arrivals: UInt64 = 0
    /// Steps of calls that the present input makes due; they follow it.
    var callSteps: [Command] = []
    /// The time of the latest input.
    var nowMs: Int64 = 0
    /// Reused by admission.
    var keys: [EntityKey] = []

    /// Number of the last decision handed out.
    public internal(set) var decided: UInt64 = 0
    /// Number of the last decision known to be settled.
    public internal(set) var committedThrough: UInt64 = 0

    public init(
        rules: CoreRules, presence: PresenceTable, sendRates: SendRates = SendRates(), output: Output
    ) {
        self.rules = rules
        presenceTable = presence
        self.sendRates = sendRates
        self.output = output
    }

    // MARK: Inputs

    /// An app is served from now on. Of a known one only the limits change.
    ///
    /// - Parameters:
    ///   - limits: the app's own.
    ///   - reservedThrough: the store's `positions(app).reserved`; positions begin above it.
    ///   - lastSentAt: `sentAt` of the newest message kept, so that it does not go back over a restart; 0: none.
    ///   - calls: the store's `activeCalls(app)`.
    public func addApp(
        _ app: AppNumber, limits: AppLimits = AppLimits(), reservedThrough: Int64, lastSentAt: Int64 = 0,
        calls: [CallRecord] = []
    ) {
        if let known = apps[app] { return known.apply(rules, limits) }
        let context = AppContext(
            number: app, rules: rules, limits: limits, reserved: reservedThrough, lastSeconds: lastSentAt)
        apps[app] = context
        for call in calls { context.calls.restore(call) }
        if !calls.isEmpty { context.callsToRevive = 0 }
        reserveAhead(context)
    }

    /// Takes new rules; timers that run keep their time.
    public func apply(_ rules: CoreRules) {
        self.rules = rules
        for app in apps.values { app.apply(rules) }
    }

    /// Decides the command now, or parks it until what it needs is in memory.
    public func handle(_ command: Command, credit: Credit, at clock: CoreClock) {
        nowMs = clock.monotonicMs
        guard let app = apps[command.app] else {
            let unknown = APIFailure(.invalidAppID, "The app is not known here.")
            let reply: ReplyBody =
                if case .connect = command.operation {
                    .connectRefused(unknown, status: .forbidden, close: .unknownApp)
                } else { .failed(unknown) }
            return conclude(command, credit, reply)
        }
        arrive(command, credit, app, clock)
        runCallSteps(clock)
        evict()
    }

    /// The answer to `output.load`; nil: it could not be read, and what waits for it is refused as unavailable.
    public func loaded(_ key: EntityKey, _ entity: LoadedEntity?, at clock: CoreClock) {
        nowMs = clock.monotonicMs
        take(key, entity, clock)
        runCallSteps(clock)
        evict()
    }

    /// The answer to `output.reserve`.
    public func reserved(_ app: AppNumber, through: Int64, at clock: CoreClock) {
        guard let app = apps[app] else { return }
        nowMs = clock.monotonicMs
        app.positions.reserved(through: through)
        resumeStalled(app, clock)
        runCallSteps(clock)
        evict()
    }

    /// The positions asked for could not be reserved: what waits for them is refused; asked again by the next tick.
    public func reserveFailed(_ app: AppNumber, at clock: CoreClock) {
        guard let app = apps[app] else { return }
        nowMs = clock.monotonicMs
        app.positions.failed()
        refuseStalled(app)
    }

    /// All decisions up to this number are settled: committed, or needed no commit.
    public func committed(through number: UInt64) {
        committedThrough = max(committedThrough, number)
        connectionJournal.settle(through: number)
        for app in apps.values { app.calls.settle(through: number) }
        trimPurges()
        evict()
    }

    /// A transaction failed: no decision from this number on is committed, and the log thread has answered or will
    /// answer all of them that it gets before `output.recovered`. The cache goes; sessions, presence and typing stay, and
    /// active calls stand where they stood; what became of connections meanwhile is told to the feed again.
    public func failed(from number: UInt64) {
        dropCache()
        revertCalls(from: number)
        output.recovered()
        committedThrough = decided
        tellAgain(from: number)
    }

    /// The log found message `record` to be a duplicate of an earlier one: it does not exist.
    public func judgedDuplicate(_ app: AppNumber, _ record: MessageRecord) {
        guard let app = apps[app] else { return }
        switch record.conversation {
        case .group(let guid): app.groups.entity(of: guid)?.latest.remove(record.id)
        case .pair(let first, let second):
            app.pairs[PairState.Key(first: first, second: second)]?.latest.remove(record.id)
        }
        // Still pinned by the decision that counted it, as its end is told after this.
        if let parent = record.parentID.flatMap({ app.messages[$0] }), let known = parent.record {
            parent.record = known.with(replyCount: known.replyCount - 1)
        }
        if case .call(let action)? = record.subject, let entry = app.calls.remove(action.call.session) {
            cancelTimers(of: entry)
        }
    }

    /// Runs the timers that are due.
    public func tick(at clock: CoreClock) {
        nowMs = clock.monotonicMs
        for app in apps.values { reviveCalls(app, clock) }
        while let deadline = timers.popDue(at: clock.monotonicMs) {
            switch deadline {
            case .grace(let app, let user): graceExpired(app, user, clock)
            case .typing(let app, let typist, let target): typingTimedOut(app, typist, target)
            case .receipts(let app, let guid): receiptsDue(app, guid, clock)
            case .call(let app, let session, let input, let uid): callTimerFired(app, session, input, uid)
            }
        }
        for gone in departures.takeSettled(committedThrough: committedThrough, nowMs: clock.monotonicMs) {
            presenceTable.settle(gone.app, gone.user)
        }
        runCallSteps(clock)
        for app in apps.values { reserveAhead(app) }
        evict()
    }

    /// Monotonic milliseconds of the next timer; nil: none runs. The thread calls `tick` then (and every second or so).
    public var nextDeadlineMs: Int64? { timers.nextDeadlineMs }

    /// For metrics.
    public var counts: CoreCounts {
        CoreCounts(
            sessions: sessions.count, onlineUsers: apps.values.reduce(0) { $0 + $1.presence.count },
            cachedEntities: cache.count, cachedBytes: cache.costTotal, parkedCommands: lot.count + stalledCount,
            loads: loads.count, timers: timers.count)
    }

    // MARK: Decisions

    /// Adds a decision to the turn; one added before goes out.
    func add(_ turn: inout Turn, seq: Int64 = 0, _ changes: [Change] = [], _ projections: [Projection] = []) {
        if let draft = turn.draft { send(draft, of: turn.app, reply: nil, credit: .none) }
        turn.draft = Turn.Draft(seq: seq, changes: changes, projections: projections)
    }

    /// Hands out what the turn has decided so far, so that what is decided beside it comes after.
    func flush(_ turn: inout Turn) {
        guard let draft = turn.draft else { return }
        turn.draft = nil
        send(draft, of: turn.app, reply: nil, credit: .none)
    }

    /// Ends the turn: its last decision carries reply and credit. Nothing decided, asked or taken: nothing is sent.
    func finish(_ turn: inout Turn, _ body: ReplyBody) {
        guard let draft = turn.draft else { return conclude(turn.command, turn.credit, body) }
        turn.draft = nil
        let reply = turn.command.replyTo.map { Reply(address: $0, body: body) }
        send(draft, of: turn.app, reply: reply, credit: turn.credit)
    }

    /// Answers a command that changed nothing.
    func conclude(_ command: Command, _ credit: Credit, _ body: ReplyBody) {
        let reply = command.replyTo.map { Reply(address: $0, body: body) }
        guard reply != nil || credit != .none else { return }
        decided += 1
        output.decide(Decision(app: command.app, reply: reply, credit: credit))
    }

    private func send(_ draft: Turn.Draft, of app: AppContext, reply: Reply?, credit: Credit) {
        decided += 1
        output.decide(
            Decision(
                app: app.number, seq: draft.seq, at: app.lastSeconds, changes: draft.changes,
                projections: draft.projections, reply: reply, credit: credit))
    }

    /// The number that the next decision of the turn will have.
    func upcoming(_ turn: Turn) -> UInt64 {
        decided + (turn.draft == nil ? 1 : 2)
    }
}
