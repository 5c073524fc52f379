internal import GatewayServer
internal import Histogram
internal import Reactor
internal import TLSEngine
internal import WebSocketCodec

/// All clients. Confined to the loop's thread.
///
/// A client is in the poller while it opens; from then on it is only looked at by `sweep`.
final class Crowd {
    static let shard: UInt8 = 0

    let loop: LoadLoop
    let script: ClientScript
    private let progress: Progress
    private var clients = Slab<Client>(shard: Crowd.shard)
    private var nextIndex = 0
    private var opening = 0
    /// Gone after they were open.
    private(set) var lost = 0
    /// Never got that far.
    private(set) var failed = 0
    private(set) var reasons: [String: Int] = [:]
    /// Connect → open, in µs.
    private(set) var openTimes = Histogram<UInt64>(
        highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
    private(set) var resumed = 0
    private(set) var cipher: String?
    private var pingedMs: Int64 = 0
    private var pingsSent = 0

    init(loop: LoadLoop, script: ClientScript, progress: Progress) {
        self.loop = loop
        self.script = script
        self.progress = progress
    }

    /// Open ones.
    var count: Int { clients.count - opening }

    // MARK: Opening

    /// Opens clients and returns when each is open or has failed. Pings those that are open meanwhile, if asked to and
    /// the server wants pings.
    func open(_ plan: CrowdPlan, pings: Bool) throws {
        let startedMs = SystemTime.monotonicMs()
        pingedMs = startedMs
        var begun = 0
        while begun < plan.count || opening > 0 {
            let allowed = plan.allowance(elapsedMs: SystemTime.monotonicMs() - startedMs)
            while begun < allowed, opening < plan.concurrency {
                try begin()
                begun += 1
            }
            try loop.poll(timeoutMs: begun < plan.count ? 1 : 100, awaiting: "connections open") { ready($0, $1) }
            if pings, let dueMs = pingDueMs, loop.nowMs >= dueMs { sendPings() }
            progress.show("connected \(count)/\(plan.count)")
        }
    }

    private func begin() throws {
        let startedNs = SystemTime.monotonicNs()
        let (script, streams) = (script, loop.streams)
        do throws(SystemError) {
            var descriptor: Descriptor? = try Connector.start(to: script.endpoint.address)
            let session = script.context.map {
                TLSSession(
                    context: $0, loop: streams.tls, serverName: script.endpoint.host, resumption: script.resumption)
            }
            let index = nextIndex
            _ = try clients.insert { id throws(SystemError) in
                Client(
                    transport: try StreamTransport(
                        connecting: descriptor.take()!, token: PollToken(id), session: session, in: streams),
                    index: index, startedNs: startedNs)
            }
        } catch {
            throw LoadFailure(error)
        }
        nextIndex += 1
        opening += 1
    }

    func ready(_ token: PollToken, _ events: PollEvents) {
        let id = token.slabID
        guard clients.contains(id) else { return }
        let wasOpen = clients[id].isOpen
        switch clients[id].ready(events, script, in: loop.streams) {
        case .none: break
        case .reached: reached(id)
        case .over(let reason): remove(id, wasOpen: wasOpen, reason)
        }
    }

    private func reached(_ id: SlabID) {
        opening -= 1
        _ = openTimes.record(UInt64(max(SystemTime.monotonicNs() - clients[id].startedNs, 0) / 1000))
        if let session = clients[id].transport.session {
            if session.wasResumed { resumed += 1 }
            if cipher == nil, let version = session.protocolVersion, let name = session.cipherName {
                cipher = "TLS\(version.rawValue):\(name)"
            }
        }
        clients[id].leavePoller(in: loop.streams)
    }

    private func remove(_ id: SlabID, wasOpen: Bool, _ reason: String) {
        if wasOpen {
            lost += 1
        } else {
            opening -= 1
            failed += 1
        }
        reasons[reason, default: 0] += 1
        drop(id)
    }

    private func drop(_ id: SlabID) {
        if let client = clients.remove(id) { client.drop() }
    }

    /// Why clients failed or were lost, most frequent first.
    var explanation: String {
        reasons.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(5).map { "\($0.value) × \($0.key)" }
            .joined(separator: "; ")
    }

    // MARK: Open clients

    /// Looks once at every client that `wanted` chooses by index, and counts what came.
    func sweep(where wanted: (Int) -> Bool) {
        var gone: [(SlabID, String)] = []
        let (script, streams) = (script, loop.streams)
        clients.forEach { id, client in
            guard client.isOpen, wanted(client.index) else { return }
            if case .over(let reason) = client.look(script, in: streams) { gone.append((id, reason)) }
        }
        for (id, reason) in gone { remove(id, wasOpen: true, reason) }
    }

    /// Sends frames from the client with this index; false if it is gone.
    func send(_ frames: [UInt8], from index: Int) -> Bool {
        var isSent = false
        let streams = loop.streams
        clients.forEach { _, client in
            guard client.index == index, client.isOpen else { return }
            client.send(frames, in: streams)
            isSent = true
        }
        return isSent
    }

    /// What later clients can resume, from a client that received its ticket.
    func resumption() -> TLSResumption? {
        var found: TLSResumption?
        clients.forEach { _, client in
            if found == nil, client.isOpen { found = client.transport.session?.resumption() }
        }
        return found
    }

    /// Closes every client.
    func dropAll() {
        while let id = clients.first(fromSlot: 0) { drop(id) }
        opening = 0
    }

    // MARK: Pings

    /// When the next round of pings is due: at 40 % of the server's patience, so that a round may take long.
    var pingDueMs: Int64? {
        script.inbox.pingTimeoutMs.map { pingedMs + $0 * 4 / 10 }
    }

    /// Sends everybody's ping; the pongs are counted when somebody sweeps.
    func sendPings() {
        pingedMs = loop.nowMs
        let (script, streams) = (script, loop.streams)
        let ping = Array(#"{"action":"ping","ack":"true"}"#.utf8)
        clients.forEach { _, client in
            if client.isOpen { client.send(script.frame(.text, ping), in: streams) }
        }
        pingsSent += count
    }

    /// Sends everybody's ping and waits for all pongs.
    func pingRound() throws {
        sendPings()
        while script.inbox.pongs < pingsSent, lost == 0 {
            sweep { _ in true }
            try loop.poll(timeoutMs: 0, awaiting: "pongs arrive") { ready($0, $1) }
        }
    }
}
