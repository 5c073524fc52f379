internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import Reactor
internal import TLSEngine
internal import WebSocketCodec

/// A shard: one event loop with its connections, driving the sans-I/O `ShardCore`. Confined to its thread.
///
/// Per iteration: ready sockets are read and their frames or requests handled; messages of other threads are taken in; then,
/// before sleeping, handshakes get their turn, the core's timers run, and every connection with something queued is
/// flushed once.
///
/// `ShardCore` calls its port while it runs; the port only notes what is to be done with connections (`settle`), so
/// that no connection is changed while a caller is in the middle of it.
final class Shard: EventLoopHandler {
    private static let acceptsPerTick = 64
    /// Timers whose owner is no connection.
    private static let tickTimerKind: UInt8 = 100
    private static let tickMs: Int64 = 50
    private static let figuresMs: Int64 = 200
    /// What one core does at least (a full handshake costs 0.2 to 0.4 ms): spreads the returns after a drain.
    private static let handshakesPerSecond = 2_500

    let index: Int
    let loop: EventLoop<Shard>
    let streams: TransportLoop
    let environment: ShardEnvironment
    var settings: ShardSettings
    var connections: Slab<ShardConnection>
    let port: ShardPort
    let core: ShardCore<ShardPort>
    let inflater = Inflater()
    /// Wire bytes of one connection, drained and sealed from here.
    var outbound = ScratchBuffer(capacity: 65_536)
    /// What is left to do when the core answers for clients who have left; at most as many as there are credits.
    var orphans: [ReplyAddress: @Sendable (ReplyBody) -> RouteResult] = [:]
    /// HTTP connections with answers to send, after the messages of this iteration.
    var answered: [SlabID] = []
    var feeds = FeedReaders()

    private var listeners: [(listener: Listener, kind: ListenerKind)] = []
    private var order = BatchOrder()
    private var touched: [ConnectionReference] = []
    private var isDraining = false
    private var nextFiguresMs: Int64 = 0
    /// The time that the core goes by.
    private var toldMs: Int64 = -1
    private var handshakes = 0

    init(
        index: Int, loop: EventLoop<Shard>, environment: ShardEnvironment, settings: ShardSettings,
        sockets: [(socket: ListeningSocket, kind: ListenerKind)]
    ) throws(SystemError) {
        self.index = index
        self.loop = loop
        self.environment = environment
        self.settings = settings
        streams = TransportLoop(loop, handshakesPerTick: environment.handshakesPerTick)
        connections = Slab(shard: UInt8(index))
        port = ShardPort(environment: environment, shard: index, clock: loop.clock)
        core = ShardCore(
            sink: port, rules: settings.rules, shard: UInt16(index), shards: environment.shards, nowMs: loop.nowMs,
            wallSeconds: SystemTime.wallMs() / 1_000)
        for (position, entry) in sockets.enumerated() {
            let listener = try Listener(
                entry.socket, token: .fixture(UInt32(position)), poller: loop.poller, timers: loop.timers)
            listeners.append((listener, entry.kind))
        }
        port.addressOf = { [unowned self] in address(of: $0) }
        armTick()
    }

    // MARK: - The loop's callbacks

    func ready(_ token: PollToken, _ events: PollEvents) {
        tellTime()
        if let fixture = token.fixtureIndex {
            let (listener, kind) = listeners[Int(fixture)]
            listener.accept(budget: Self.acceptsPerTick, nowMs: loop.nowMs) { admit($0, from: $1, kind) }
            return
        }
        let id = token.slabID
        guard connections.contains(id), readProxyHeader(id) else { return }
        take(id, connections[id].transport.ready(events, in: streams), isWritable: events.contains(.writable))
    }

    func receive(_ message: ShardMessage) {
        tellTime()
        switch message {
        case .batch(let batch):
            for due in order.accept(batch) {
                core.walk(due.decisions)
                if !feeds.isEmpty { feedsGrew(due) }
                due.walked()
            }
        case .ephemeral(let events): core.deliver(events)
        case .verified(let connection, let verdict): core.credentialVerified(connection, verdict)
        case .replayed(let connection, let page): core.replayPage(connection, page)
        case .stepped(let address, let result): step(address, result)
        case .consumed(let address): consumed(address)
        case .fileRead(let address, let bytes): fileRead(address, bytes)
        case .feedPage(let connection, let page): feedPage(connection, page)
        case .addApp(let number, let id, let limits, let position):
            core.addApp(number, id: id, limits: limits, position: position)
        case .removeApp(let id): core.removeApp(id: id)
        case .reload(let settings):
            self.settings = settings
            core.rules = settings.rules
        case .drain: drain()
        case .stop: loop.stop()
        }
    }

    func timerFired(_ timer: FiredTimer) {
        switch timer.kind {
        case Listener.resumeTimerKind:
            listeners.first { $0.listener.token.rawValue == timer.owner }?.listener.resume(nowMs: loop.nowMs)
        case Self.tickTimerKind:
            armTick()
            if !feeds.isEmpty { tickFeeds() }
        default: deadlineReached(SlabID(rawValue: timer.owner), timer)
        }
    }

    func beforeSleep() {
        tellTime()
        while let token = streams.nextHandshake() {
            let id = token.slabID
            guard connections.contains(id) else { continue }
            take(id, connections[id].transport.beginHandshake(in: streams), isWritable: false)
        }
        if streams.waitingHandshakes > 0 { loop.hurry() }
        settle()
        core.tick()
        settle()
        flushAll()
        if loop.nowMs >= nextFiguresMs { publishFigures() }
    }

    /// Once per iteration, before the core hears of anything in it: deadlines count from there.
    private func tellTime() {
        guard toldMs != loop.nowMs else { return }
        toldMs = loop.nowMs
        core.setTime(nowMs: toldMs, wallSeconds: SystemTime.wallMs() / 1_000)
    }

    private func armTick() {
        _ = loop.timers.arm(at: loop.nowMs + Self.tickMs, owner: 0, kind: Self.tickTimerKind)
    }

    private func publishFigures() {
        nextFiguresMs = loop.nowMs + Self.figuresMs
        var figures = ShardFigures.Figures()
        figures.counters = core.counters
        figures.connections = connections.count
        figures.handshakes = handshakes
        for (listener, _) in listeners {
            figures.listener.accepted += listener.counters.accepted
            figures.listener.aborted += listener.counters.aborted
            figures.listener.shed += listener.counters.shed
            figures.listener.pauses += listener.counters.pauses
        }
        figures.isDraining = isDraining
        if isDraining { figures.owed = owedConnections() }
        environment.figures.set(index, figures)
    }

    /// The loop has ended: nobody waits for this shard any more.
    func stopped() {
        publishFigures()
    }

    // MARK: - Coming and going

    private func admit(_ descriptor: consuming Descriptor, from address: SocketAddress, _ kind: ListenerKind) {
        let awaitsHeader = kind == .public && settings.proxyProtocol
        guard !isDraining, environment.addresses.enter(address, isIdentified: !awaitsHeader) else { return }
        let context = kind == .public ? settings.tls : nil
        var accepted: Descriptor? = descriptor
        do throws(SystemError) {
            let id = try connections.insert { id throws(SystemError) in
                ShardConnection(
                    transport: try StreamTransport(
                        accepted: accepted.take()!, token: PollToken(id), context: context, in: streams),
                    address: address, listener: kind, http: HTTPConnection(), awaitsProxyHeader: awaitsHeader)
            }
            if context != nil { setDeadline(id, .handshake, afterMs: HTTPTimes.handshakeMs) }
        } catch {
            // The poller has no room for it; the descriptor has been closed.
            environment.addresses.leave(address, isIdentified: !awaitsHeader)
        }
    }

    private func address(of connection: ConnectionReference) -> SocketAddress? {
        let id = SlabID(rawValue: connection.raw)
        return connections.contains(id) ? connections[id].address : nil
    }

    /// Serves what an event on a connection gave.
    private func take(_ id: SlabID, _ input: TransportInput, isWritable: Bool) {
        if input.isNewlyEstablished {
            handshakes += 1
            setDeadline(id, .head, afterMs: HTTPTimes.headMs)
        }
        if input.count > 0 {
            if connections[id].isRealtime {
                if connections[id].isEnding { awaitClose(id) } else { receiveFrames(id) }
            } else if !connections[id].isEnding {
                receiveRequests(id)
            }
        }
        guard connections.contains(id) else { return }
        if let end = input.end { return ended(id, end) }
        if isWritable { becameWritable(id) }
        dropIfFinished(id)
    }

    /// The peer's direction is over.
    private func ended(_ id: SlabID, _ end: TransportEnd) {
        if case .failed = end { return drop(id) }
        // Nothing more can be asked; what is owed to a half-closed HTTP client is still sent. Half a body is no request.
        if !connections[id].isRealtime, case .closed = end, connections[id].http?.exchanges.isEmpty == false,
            connections[id].http?.body == nil
        {
            connections[id].http?.isEnded = true
            return
        }
        if connections[id].isRealtime { core.closed(ConnectionReference(id.rawValue)) }
        finish(id)
        dropIfFinished(id)
    }

    private func becameWritable(_ id: SlabID) {
        guard !connections[id].transport.isBlocked else { return }
        if connections[id].isRealtime {
            if !connections[id].isEnding { cancelDeadline(id) }
            flush(ConnectionReference(id.rawValue))
        } else {
            advance(id)
            if connections.contains(id) { readFile(id) }
            if connections.contains(id) { feedWritable(id) }
        }
    }

    /// Ends our direction, and gives the peer a while to end its own.
    func finish(_ id: SlabID) {
        connections[id].isEnding = true
        connections[id].transport.finish(in: streams)
        // What the peer still sends is read and dropped: an unread byte would turn our close into a reset.
        connections[id].transport.resumeReading(in: streams)
        let wait = connections[id].transport.isBlocked ? HTTPTimes.writeMs : HTTPTimes.lingerMs
        setDeadline(id, .linger, afterMs: wait)
    }

    func dropIfFinished(_ id: SlabID) {
        if connections.contains(id), connections[id].transport.isFinished { drop(id) }
    }

    func drop(_ id: SlabID) {
        guard let connection = connections.remove(id) else { return }
        loop.timers.cancel(connection.deadline)
        environment.addresses.leave(connection.address, isIdentified: connection.isIdentified)
        if let http = connection.http { abandonExchanges(id, http) }
        feeds.remove(id)
        if connection.isRealtime { core.closed(ConnectionReference(id.rawValue)) }
    }

    // MARK: - Deadlines

    /// Replaces the connection's deadline.
    func setDeadline(_ id: SlabID, _ deadline: ShardConnection.Deadline, afterMs: Int64) {
        loop.timers.cancel(connections[id].deadline)
        connections[id].deadline = loop.timers.arm(
            at: loop.nowMs + afterMs, owner: id.rawValue, kind: deadline.rawValue)
    }

    func cancelDeadline(_ id: SlabID) {
        loop.timers.cancel(connections[id].deadline)
        connections[id].deadline = .none
    }

    private func deadlineReached(_ id: SlabID, _ timer: FiredTimer) {
        guard connections.contains(id), connections[id].deadline == timer.id else { return }
        connections[id].deadline = .none
        switch ShardConnection.Deadline(rawValue: timer.kind) {
        case .head, .body: requestTimedOut(id)
        case .idle: finish(id)
        case .write:
            let idleMs = connections[id].transport.stalledSinceMs.map { loop.nowMs - $0 } ?? 0
            if idleMs < HTTPTimes.writeMs, connections[id].transport.isBlocked {
                setDeadline(id, .write, afterMs: HTTPTimes.writeMs - idleMs)
            } else if connections[id].transport.isBlocked {
                connections[id].transport.resetOnClose()
                drop(id)
            }
        case .handshake, .linger, nil: drop(id)
        }
        dropIfFinished(id)
    }

    // MARK: - What the core asked for

    /// Does with connections what the core asked for while it ran, until nothing is left.
    private func settle() {
        while !port.paused.isEmpty || !port.resumed.isEmpty || !port.closing.isEmpty || !port.answers.isEmpty {
            for connection in take(&port.paused) {
                let id = SlabID(rawValue: connection.raw)
                guard connections.contains(id), core.isReadingPaused(connection) else { continue }
                connections[id].transport.pauseReading(in: streams)
            }
            for connection in take(&port.resumed) { resumeFrames(SlabID(rawValue: connection.raw)) }
            for connection in take(&port.closing) {
                let id = SlabID(rawValue: connection.raw)
                guard connections.contains(id) else { continue }
                connections[id].isEnding = true
                setDeadline(id, .linger, afterMs: HTTPTimes.writeMs)
            }
            for (address, body) in take(&port.answers) { reply(address, body) }
        }
        for id in take(&answered) where connections.contains(id) {
            sendAnswers(id)
            if connections.contains(id) { advance(id) }
            dropIfFinished(id)
        }
    }

    private func take<Element>(_ list: inout [Element]) -> [Element] {
        defer { list.removeAll(keepingCapacity: true) }
        return list
    }

    private func flushAll() {
        // Twice: whoever is still over the hard limit after the first flush is closed, and its close frame goes out.
        for _ in 0..<2 {
            core.takeTouched(into: &touched)
            for connection in touched { flush(connection) }
            core.flushed()
            settle()
        }
    }

    // MARK: - The end

    /// Connections whose end, or whose answers, are still to come: all but idle ones of the backend.
    private func owedConnections() -> Int {
        var count = 0
        connections.forEach { _, connection in
            if connection.listener == .public || connection.http?.exchanges.isEmpty == false { count += 1 }
        }
        return count
    }

    private func drain() {
        isDraining = true
        for (listener, _) in listeners { listener.close() }
        // Everyone is told within half of the time there is; a small number at once.
        let perSecond = max(1_000, environment.addresses.connections * 2_000 / max(environment.drainTimeoutMs, 1))
        core.drain(
            closesPerSecond: perSecond, handshakesPerSecond: Self.handshakesPerSecond * environment.shards)
        var idle: [SlabID] = []
        connections.forEach { id, connection in
            if connection.http?.exchanges.isEmpty == true, connection.listener == .public { idle.append(id) }
        }
        for id in idle { finish(id) }
        endFeeds()
        publishFigures()
    }
}
