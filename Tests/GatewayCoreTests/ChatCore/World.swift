import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// What the core said, in order.
final class RecordedOutput: ChatCoreOutput {
    var decisions: [Decision] = []
    var events: [EphemeralEvent] = []
    var loads: [EntityKey] = []
    var reservations: [(app: AppNumber, through: Int64)] = []
    var recoveries = 0

    func decide(_ decision: Decision) { decisions.append(decision) }
    func emit(_ event: EphemeralEvent) { events.append(event) }
    func load(_ key: EntityKey) { loads.append(key) }
    func reserve(_ app: AppNumber, through: Int64) { reservations.append((app, through)) }
    func recovered() { recoveries += 1 }
}

/// A core with a store behind it, a clock set by hand, and loads and commits that happen at once or when told.
final class World {
    static let app = AppNumber(1)

    let output = RecordedOutput()
    let store: FakeStore
    let presence = PresenceTable()
    let core: ChatCore<RecordedOutput>
    var nowMs: Int64 = 1_000
    var wall: Int64 = 1_700_000_000
    /// Loads and commits are answered as soon as they are asked for.
    var answersLoads = true
    var commits = true
    private(set) var committed = 0
    var committedCount: Int { committed }
    private var requests: UInt64 = 0
    private var answered = 0

    /// - Parameter store: of the world before a restart.
    init(_ rules: CoreRules = CoreRules(), reserves: Bool = true, store: FakeStore = FakeStore()) {
        self.store = store
        core = ChatCore(rules: rules, presence: presence, output: output)
        core.addApp(Self.app, reservedThrough: max(100, store.committed), calls: store.activeCalls)
        if reserves { pump() }
    }

    var clock: CoreClock { CoreClock(monotonicMs: nowMs, wallSeconds: wall) }

    // MARK: Setting up, straight in the store

    func user(_ uids: String...) {
        for uid in uids { store.users[u(uid)] = UserRecord(uid: u(uid), name: uid, createdAt: 1) }
    }

    func token(_ name: String, of uid: String) {
        store.tokens[hash(name)] = TokenRecord(hash: hash(name), uid: u(uid), createdAt: 1)
    }

    /// The first is owner and admin.
    func group(_ guid: String, _ members: [String], _ type: GroupType = .open) {
        store.groups[g(guid)] = GroupRecord(guid: g(guid), name: guid, type: type, owner: u(members[0]), createdAt: 1)
        for (index, uid) in members.enumerated() {
            store.members[g(guid), default: [:]][u(uid)] = Membership(
                guid: g(guid), uid: u(uid), scope: index == 0 ? .admin : .participant, joinedAt: 1, joinedSeq: 1)
        }
    }

    func scope(_ guid: String, _ uid: String, _ scope: MemberScope) {
        store.members[g(guid), default: [:]][u(uid)] = Membership(
            guid: g(guid), uid: u(uid), scope: scope, joinedAt: 1, joinedSeq: 1)
    }

    // MARK: Acting

    /// Returns the reply, if it has come yet.
    @discardableResult
    func ask(_ operation: Operation, as caller: Caller = .backend(onBehalfOf: nil), from origin: Origin? = nil)
        -> ReplyBody?
    {
        let request = post(operation, as: caller, from: origin)
        pump()
        return reply(to: request)
    }

    /// Hands the command over and answers nothing.
    @discardableResult
    func post(_ operation: Operation, as caller: Caller = .backend(onBehalfOf: nil), from origin: Origin? = nil)
        -> UInt64
    {
        requests += 1
        let address = ReplyAddress(connection: ConnectionReference(0), request: requests)
        core.handle(
            Command(app: Self.app, caller: caller, origin: origin, replyTo: address, operation: operation),
            credit: Credit(shard: 1, commands: 1, bytes: 10), at: clock)
        return requests
    }

    func reply(to request: UInt64) -> ReplyBody? {
        output.decisions.first { $0.reply?.address.request == request }?.reply?.body
    }

    /// The reply, which must be there.
    func failure(_ operation: Operation, as caller: Caller = .backend(onBehalfOf: nil)) -> ErrorCode? {
        if case .failed(let failure)? = ask(operation, as: caller) { failure.code } else { nil }
    }

    @discardableResult
    func connect(
        _ uid: String, _ connection: UInt64, session: String? = nil, token: String? = nil,
        state: ChatModel.AppState = .foreground
    ) -> ReplyBody? {
        let name = token ?? "token-\(uid)"
        if token == nil { self.token(name, of: uid) }
        return ask(
            .connect(
                ConnectRequest(
                    connection: c(connection), session: SessionID(session ?? "s\(connection)")!, uid: u(uid),
                    credential: .token(hash(name)), deviceID: nil, platform: "javascript", appState: state,
                    connectedAt: wall)),
            as: .connection(c(connection)))
    }

    func disconnect(_ connection: UInt64, code: UInt16 = 1006) {
        core.handle(
            Command(
                app: Self.app, caller: .connection(c(connection)),
                operation: .disconnected(c(connection), code: code)),
            credit: .none, at: clock)
        pump()
    }

    @discardableResult
    func send(_ connection: UInt64, to receiver: Receiver, muid: String? = nil, parent: Int64? = nil) -> ReplyBody? {
        ask(
            .send(draft(to: receiver, muid: muid, parent: parent)), as: .connection(c(connection)),
            from: .connection(c(connection), SessionID("s\(connection)")!))
    }

    func draft(to receiver: Receiver, muid: String? = nil, parent: Int64? = nil) -> MessageDraft {
        MessageDraft(
            receiver: receiver, category: .message, type: "text", data: JSONBytes(validated: Array("{}".utf8)),
            muid: muid, parentID: parent)
    }

    @discardableResult
    func receipt(_ kind: ReceiptKind, _ connection: UInt64, _ receiver: Receiver, _ id: Int64) -> ReplyBody? {
        ask(.receipt(kind, receiver: receiver, messageID: id), as: .connection(c(connection)))
    }

    func typing(_ connection: UInt64, _ receiver: Receiver, _ started: Bool) {
        ask(
            .typing(receiver: receiver, started: started, metadata: nil), as: .connection(c(connection)),
            from: .connection(c(connection), SessionID("s\(connection)")!))
    }

    func advance(seconds: Int64) {
        nowMs += seconds * 1_000
        wall += seconds
        core.tick(at: clock)
        pump()
    }

    // MARK: The threads behind the core

    func pump() {
        while true {
            if !output.reservations.isEmpty {
                let asked = output.reservations.removeFirst()
                core.reserved(asked.app, through: asked.through, at: clock)
            } else if answersLoads, answered < output.loads.count {
                answerLoad(at: answered)
            } else if commits, committed < output.decisions.count {
                commit()
            } else {
                return
            }
        }
    }

    /// Answers the oldest load that is not answered.
    func answerLoad(at index: Int) {
        let key = output.loads[index]
        answered = max(answered, index + 1)
        core.loaded(key, store.load(key), at: clock)
    }

    func commit(through count: Int? = nil) {
        let end = count ?? output.decisions.count
        while committed < end {
            store.apply(output.decisions[committed])
            committed += 1
        }
        core.committed(through: UInt64(committed))
    }

    /// A transaction fails: nothing undecided so far becomes true.
    func fail() {
        let void = output.decisions.count
        core.failed(from: UInt64(committed + 1))
        committed = void
        pump()
    }

    // MARK: What was seen

    /// Forgets what was said so far (the numbers go on).
    func forget() { seen = (output.decisions.count, output.events.count) }
    private var seen = (0, 0)

    var decisions: ArraySlice<Decision> { output.decisions[seen.0...] }
    var events: ArraySlice<EphemeralEvent> { output.events[seen.1...] }

    /// `online alice`, `typing alice->group g`, … in order.
    var heard: [String] {
        events.map { event in
            let user = event.user.record.uid.text
            switch event.kind {
            case .presence(let online, _): return "\(online ? "online" : "offline") \(user)"
            case .typing(let receiver, let started, _):
                return "\(started ? "started" : "ended") \(user)->\(name(receiver))"
            case .transient(let receiver, _): return "transient \(user)->\(name(receiver))"
            }
        }
    }

    /// `read 105 by bob to alice`, `readByAll 105 to alice`, … in order.
    var receipts: [String] {
        decisions.flatMap(\.projections).compactMap { projection in
            guard case .receipt(let event, _) = projection else { return nil }
            let by = event.reader.map { " by \($0.record.uid.text)" } ?? ""
            return "\(event.action.rawValue) \(event.messageID)\(by) to \(event.author.text)"
        }
    }

    private func name(_ receiver: Receiver) -> String {
        switch receiver {
        case .user(let uid): uid.text
        case .group(let guid): "group \(guid.text)"
        }
    }
}

func u(_ text: String) -> UserID { UserID(trusted: text) }
func g(_ text: String) -> GroupID { GroupID(trusted: text) }
func c(_ raw: UInt64) -> ConnectionReference { ConnectionReference(raw) }
func user(_ uid: String) -> Receiver { .user(u(uid)) }
func group(_ guid: String) -> Receiver { .group(g(guid)) }

/// A token's hash, as different as the names are.
func hash(_ name: String) -> TokenHash {
    var bytes = Array(name.utf8.prefix(32))
    bytes.append(contentsOf: [UInt8](repeating: 0, count: 32 - bytes.count))
    return TokenHash(bytes)
}

extension ReplyBody {
    /// Id of the message in the reply.
    var messageID: Int64? {
        if case .message(let view, _) = self { view.message.id } else { nil }
    }

    var failureCode: ErrorCode? {
        if case .failed(let failure) = self { failure.code } else { nil }
    }

    var isDone: Bool {
        if case .done = self { true } else { false }
    }

    var refusal: (ErrorCode, AuthStatus, CloseReason)? {
        if case .connectRefused(let failure, let status, let close) = self {
            (failure.code, status, close)
        } else {
            nil
        }
    }

    var snapshot: SessionSnapshot? {
        if case .connected(let snapshot) = self { snapshot } else { nil }
    }
}

/// Numbers that a printed seed brings back (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
