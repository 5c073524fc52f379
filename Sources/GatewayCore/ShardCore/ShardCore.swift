public import ChatModel
public import WireProtocol

/// All realtime behaviour of one shard, without a socket, a thread or a clock: frames, verdicts, walked decisions and
/// ticks go in; queued frames and calls of the sink come out. Confined to its shard's loop thread.
///
/// A connection goes through these states. "–": cannot happen, or is stale and ignored; every state but `closing` goes to
/// `closing` on a fault, and is freed by `closed`.
///
/// | state | text frame | verdict | walked `connected` | walked refusal | due |
/// |---|---|---|---|---|---|
/// | awaitingAuth | auth → verifying; ping → pong; else 4003 | – | – | – | 4008 |
/// | verifying | held; ping → pong | valid → connecting, else closing | – | – | 4100 |
/// | connecting | held; ping → pong | – | → replaying or live | → closing | 4100 |
/// | replaying | served; answers of the core are held | – | – | – | 4203, 4002 |
/// | live | served | – | – | – | 4203, 4002 |
/// | closing | ignored | – | – | – | – |
///
/// What the walk and the events deliver goes into the connection's outbound queue; the shard takes the touched
/// connections before it sleeps, drains them, and calls `flushed`.
public final class ShardCore<Sink: ShardSink> {
    public let sink: Sink
    var tables: ShardTables
    var appNumbers: [String: AppNumber] = [:]
    var closes = PacedCloses()
    var nextSweepMs: Int64 = 0
    var nextPresenceTickMs: Int64 = 0
    /// Presence frames a subscriber may get, in thousandths.
    var presenceBudget: Int64 = 0
    var lastPresenceTickMs: Int64 = 0

    /// How many share what is paced for all of them, and which one this is.
    public let shards: Int
    public let shard: UInt16
    /// New connections are closed 4200.
    public internal(set) var isDraining = false

    public init(sink: Sink, rules: ShardRules, shard: UInt16, shards: Int, nowMs: Int64, wallSeconds: Int64) {
        precondition(Int(shard) < shards, "shards are numbered from 0")
        self.sink = sink
        self.shard = shard
        self.shards = shards
        tables = ShardTables(rules: rules)
        tables.nowMs = nowMs
        tables.wallSeconds = wallSeconds
        nextSweepMs = nowMs
        lastPresenceTickMs = nowMs
        nextPresenceTickMs = nowMs + rules.presenceTickMs
    }

    // MARK: - Configuration

    public var rules: ShardRules {
        get { tables.rules }
        set { tables.rules = newValue }
    }

    public var counters: ShardCounters { tables.counters }

    /// Makes an app known, or changes a known one's limits. `position`: the last one committed before this shard's first
    /// walk.
    public func addApp(_ number: AppNumber, id: String, limits: AppLimits = AppLimits(), position: Int64) {
        let app = tables.app(number)
        tables.apps[app].id = id
        tables.apps[app].limits = limits
        tables.apps[app].position = max(tables.apps[app].position, position)
        appNumbers[id] = number
    }

    /// The app is served no more: who comes, and who is connected, is closed 4004.
    public func removeApp(id: String) {
        guard let number = appNumbers.removeValue(forKey: id) else { return }
        closeAll(of: tables.app(number))
    }

    /// The last position walked.
    public func position(of app: AppNumber) -> Int64 {
        tables.apps[tables.app(app)].position
    }

    // MARK: - Time

    /// Sets the clock. Call it at the start of every loop iteration. `nowMs`: monotonic; `wallSeconds`: Unix.
    public func setTime(nowMs: Int64, wallSeconds: Int64) {
        tables.nowMs = nowMs
        tables.wallSeconds = wallSeconds
    }

    // MARK: - Connections

    /// A WebSocket is open on the connection; from now on it waits for `auth`.
    public func opened(_ connection: ConnectionReference) {
        let slot = tables.open(connection)
        tables.setDue(slot, tables.nowMs + tables.rules.authTimeoutMs)
        if isDraining { close(slot, .draining, retryAfterMs: ShardRules.drainRetryMs.lowerBound) }
    }

    /// The transport is gone. The reference names nothing any more.
    public func closed(_ connection: ConnectionReference) {
        guard let slot = tables.find(connection) else { return }
        if tables.sessions[slot].phase != .closing {
            leave(slot, code: CloseReason.brokenOff)
            tables.counters.left += 1
        }
        tables.free(slot)
    }

    /// Ends a connection for a fault below the frames (framing, size, encoding).
    public func end(_ connection: ConnectionReference, _ reason: CloseReason) {
        guard let slot = tables.find(connection) else { return }
        close(slot, reason)
    }

    /// The peer's close frame came. `code`: nil when it named none.
    public func peerCloses(_ connection: ConnectionReference, code: UInt16?) {
        guard let slot = tables.find(connection) else { return }
        close(slot, .normal, peerCode: code ?? CloseReason.unnamed)
    }

    /// A WebSocket ping came: its payload, at most 125 bytes, goes back at once (RFC 6455 §5.5.2). It is no `ping` frame.
    public func webSocketPing(_ connection: ConnectionReference, payload: [UInt8]) {
        guard let slot = tables.find(connection), tables.sessions[slot].phase != .closing else { return }
        tables.append(SharedFrame(payload: payload), .control, to: slot, opcode: .pong)
    }

    /// Whether the connection takes no frames for the moment.
    public func isReadingPaused(_ connection: ConnectionReference) -> Bool {
        guard let slot = tables.find(connection) else { return false }
        return tables.sessions[slot].flags.contains(.isReadingPaused)
    }
}
