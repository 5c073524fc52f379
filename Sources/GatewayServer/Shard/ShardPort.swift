internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Reactor
internal import WireProtocol

/// The shard's side of `ShardCore`: posts to other threads at once, and notes what concerns connections for the shard to do
/// when the core has returned. Confined to its shard's loop thread.
final class ShardPort: ShardSink {
    private let environment: ShardEnvironment
    private let shard: Int
    private let clock: LoopClock
    /// The address of a connection; asked while the core runs, so it is not kept in the slab.
    var addressOf: (ConnectionReference) -> SocketAddress?

    var paused: [ConnectionReference] = []
    var resumed: [ConnectionReference] = []
    var closing: [ConnectionReference] = []
    var answers: [(address: ReplyAddress, body: ReplyBody)] = []

    init(environment: ShardEnvironment, shard: Int, clock: LoopClock) {
        self.environment = environment
        self.shard = shard
        self.clock = clock
        addressOf = { _ in nil }
    }

    func post(_ command: Command, bytes: Int) -> Bool {
        switch command.operation {
        case .typing, .transient: return environment.core.postDroppable(.command(command, .none))
        default:
            guard let credit = environment.credits[shard].take(bytes: bytes) else { return false }
            return environment.core.post(.command(command, credit))
        }
    }

    func postAlways(_ command: Command) {
        environment.core.post(.command(command, .none))
    }

    func mayAuthenticate(_ connection: ConnectionReference) -> Bool {
        guard let address = addressOf(connection) else { return true }
        return environment.addresses.waitBeforeAttempt(address, nowMs: clock.nowMs) == nil
    }

    func authenticationFailed(_ connection: ConnectionReference) {
        guard let address = addressOf(connection) else { return }
        environment.addresses.authenticationFailed(address, nowMs: clock.nowMs)
    }

    func verify(_ connection: ConnectionReference, credential: String, sender: UserID, app: AppNumber) -> Bool {
        let mailbox = environment.mailboxes[shard]
        guard let entry = environment.apps.app(app) else {
            mailbox.post(.verified(connection, .refused))
            return true
        }
        return environment.tasks.run { [verifier = environment.verifier] in
            let verdict: CredentialVerdict =
                switch await verifier.verify(credential, app: entry, nowSeconds: SystemTime.wallMs() / 1_000) {
                case .success(let credential): .valid(credential)
                case .failure(.expired): .expired
                case .failure(.unacceptable): .refused
                }
            mailbox.post(.verified(connection, verdict))
        }
    }

    func replay(_ connection: ConnectionReference, _ query: ReplayQuery) -> Bool {
        let mailbox = environment.mailboxes[shard]
        return environment.pool.submit { [environment] in
            let request = ReplayRequest(
                app: query.app, uid: query.uid, session: query.session, after: query.after, through: query.through,
                limit: query.eventsMax)
            let encoder = EventEncoder(apps: environment.apps, presence: environment.presence)
            let page = try? environment.store.replay(request)
            mailbox.post(
                .replayed(connection, page.flatMap { encoder.encode($0, app: query.app, bytesMax: query.bytesMax) }))
        }
    }

    func pauseReading(_ connection: ConnectionReference) { paused.append(connection) }
    func resumeReading(_ connection: ConnectionReference) { resumed.append(connection) }
    func closing(_ connection: ConnectionReference, _ reason: CloseReason) { closing.append(connection) }
    func answer(_ address: ReplyAddress, _ body: ReplyBody) { answers.append((address, body)) }
}
