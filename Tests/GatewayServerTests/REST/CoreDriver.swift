import ChatModel
import EventLog
import GatewayCore

@testable import GatewayServer

/// The real core on a log in memory, without threads: a command in, its reply out.
final class CoreDriver {
    let log: InMemoryEventLog
    let presence = PresenceTable()
    let sendRates = SendRates()
    private(set) var ephemeral: [EphemeralEvent] = []
    private(set) var decisions: [Decision] = []

    private let core: ChatCore<Sink>
    private let sink = Sink()
    private var request: UInt64 = 0
    private var nextConnection: UInt64 = 1
    private var nowMs: Int64 = 1_000_000
    private static let startSeconds: Int64 = 1_795_219_853

    private final class Sink: ChatCoreOutput {
        var decisions: [Decision] = []
        var events: [EphemeralEvent] = []
        var loads: [EntityKey] = []
        var reservations: [(AppNumber, Int64)] = []

        func decide(_ decision: Decision) { decisions.append(decision) }
        func emit(_ event: EphemeralEvent) { events.append(event) }
        func load(_ key: EntityKey) { loads.append(key) }
        func reserve(_ app: AppNumber, through: Int64) { reservations.append((app, through)) }
        func recovered() {}
    }

    init(log: InMemoryEventLog, apps: [AppNumber], rules: CoreRules = CoreRules()) throws {
        self.log = log
        core = ChatCore(rules: rules, presence: presence, sendRates: sendRates, output: sink)
        for app in apps { core.addApp(app, reservedThrough: try log.positions(app).reserved) }
        _ = try pump()
    }

    func reply(to command: Command) throws -> ReplyBody? {
        request += 1
        nowMs += 10
        let address = ReplyAddress(connection: ConnectionReference(0), request: request)
        core.handle(command.replying(to: address), credit: .none, at: clock)
        return try pump()[request]
    }

    /// A connection of the user, as if it had authenticated with that token.
    func connect(_ app: AppNumber, _ uid: UserID, token: TokenHash, session: String) throws {
        nextConnection += 1
        let operation = Operation.connect(
            ConnectRequest(
                connection: ConnectionReference(nextConnection), session: SessionID(session)!, uid: uid,
                credential: .token(token), deviceID: "device", platform: "test", appState: .foreground,
                connectedAt: clock.wallSeconds))
        _ = try reply(to: Command(app: app, caller: .backend(onBehalfOf: nil), operation: operation))
    }

    private var clock: CoreClock {
        CoreClock(monotonicMs: nowMs, wallSeconds: Self.startSeconds + nowMs / 1_000)
    }

    /// Serves what the core asks for until it asks for nothing; gives the replies by request.
    private func pump() throws -> [UInt64: ReplyBody] {
        var replies: [UInt64: ReplyBody] = [:]
        while !sink.decisions.isEmpty || !sink.loads.isEmpty || !sink.reservations.isEmpty {
            for decision in take(&sink.decisions) {
                decisions.append(decision)
                let body = try commit(decision)
                if let reply = decision.reply { replies[reply.address.request] = body }
            }
            core.committed(through: core.decided)
            for (app, through) in take(&sink.reservations) {
                try log.reserve(app, through: through)
                core.reserved(app, through: through, at: clock)
            }
            for key in take(&sink.loads) { core.loaded(key, try log.load(key), at: clock) }
        }
        ephemeral += take(&sink.events)
        return replies
    }

    private func commit(_ decision: Decision) throws -> ReplyBody? {
        guard !decision.changes.isEmpty else { return decision.reply?.body }
        let outcomes = try log.commit([
            LoggedDecision(app: decision.app, seq: decision.seq, at: decision.at, changes: decision.changes)
        ])
        guard case .duplicate(let first)? = outcomes.first, let view = try log.message(decision.app, id: first.id)
        else { return decision.reply?.body }
        return .message(view, duplicate: true)
    }

    private func take<Element>(_ list: inout [Element]) -> [Element] {
        defer { list = [] }
        return list
    }
}
