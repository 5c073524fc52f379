internal import EventLog
internal import GatewayCore
internal import Reactor
internal import Synchronization

/// What every shard is given at its start. Immutable; the things in it are for any thread.
struct ShardEnvironment: Sendable {
    /// By shard.
    let mailboxes: [Mailbox<ShardMessage>]
    let credits: [CreditPool]
    let core: Mailbox<CoreMessage>
    let pool: BlockingPool
    /// For media files alone: a slow disk holds up no reader of the store.
    let files: BlockingPool
    let store: any Store
    let apps: AppDirectory
    let verifier: CredentialVerifier
    let presence: PresenceTable
    let handler: any RequestHandler
    let addresses: AddressLimits
    let handshakesPerTick: Int
    let drainTimeoutMs: Int
    /// Checks of credentials and other `async` steps under way, on all shards.
    let tasks = TaskCount()
    let figures: ShardFigures

    var shards: Int { mailboxes.count }
}

/// Bounds the `async` work under way. Any thread.
final class TaskCount: Sendable {
    static let max = 1_024
    private let running = Atomic<Int>(0)

    /// Starts the work unless too much is under way.
    func run(_ work: @escaping @Sendable () async -> Void) -> Bool {
        guard running.wrappingAdd(1, ordering: .relaxed).newValue <= Self.max else {
            running.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        Task {
            await work()
            running.wrappingSubtract(1, ordering: .relaxed)
        }
        return true
    }
}

/// What the shards last said of themselves, for scrapes and the drain. Any thread.
final class ShardFigures: Sendable {
    struct Figures: Sendable {
        var counters = ShardCounters()
        var listener = ListenerCounters()
        var connections = 0
        var handshakes = 0
        /// Connections that a drain waits for: all but idle ones of the backend.
        var owed = 0
        var isDraining = false
    }

    private let figures: Mutex<[Figures]>

    init(shards: Int) {
        figures = Mutex([Figures](repeating: Figures(), count: shards))
    }

    func set(_ shard: Int, _ value: Figures) { figures.withLock { $0[shard] = value } }
    var all: [Figures] { figures.withLock { $0 } }
    /// Every shard has taken in the drain, and owes nobody anything.
    var isDrained: Bool { all.allSatisfy { $0.isDraining && $0.owed == 0 } }
    /// Connections of every kind, on all shards.
    var connections: Int { all.reduce(0) { $0 + $1.connections } }
}
