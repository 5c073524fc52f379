internal import GatewayServer
internal import HTTPCodec
internal import Reactor
internal import TLSEngine
internal import WebSocketCodec

/// One connection to the server. Confined to the loop's thread; lives in the crowd's slab.
///
///     phase           | hears                    | next
///     connecting      | TLS or TCP established   | open (depth tls), else upgrading: sends the request
///     upgrading       | 101                      | open (depth upgrade), else authenticating: sends `auth`
///     authenticating  | answer with code 200     | open
///     open            | text                     | open: counted
///     any             | anything else            | over, with the reason
struct Client: ~Copyable {
    private enum Phase: UInt8 {
        case connecting, upgrading, authenticating, open
    }

    /// What only an opening connection needs.
    private final class Opening {
        var parser = HTTPResponseParser()
        var response: [UInt8] = []
        var handshake: WebSocketClientHandshake?
    }

    private static let messageBytesMax = 1 << 20

    private(set) var transport: StreamTransport
    let index: Int
    /// When the connect began, in monotonic ns.
    let startedNs: Int64
    private var phase = Phase.connecting
    private var opening: Opening? = Opening()
    private var decoder = WebSocketDecoder(role: .client, messageBytesMax: Client.messageBytesMax)

    init(transport: consuming StreamTransport, index: Int, startedNs: Int64) {
        self.transport = transport
        self.index = index
        self.startedNs = startedNs
    }

    var isOpen: Bool { phase == .open }

    // MARK: Input

    /// Serves an event, or one look of a sweep.
    mutating func ready(_ events: PollEvents, _ script: ClientScript, in loop: TransportLoop) -> ClientStep {
        let input = transport.ready(events, in: loop)
        var step = ClientStep.none
        if input.isNewlyEstablished { step = established(script, in: loop) }
        if input.count > 0 {
            let heard = hear(script, in: loop)
            if heard != .none { step = heard }
        }
        if case .over = step { return step }
        switch input.end {
        case nil: return step
        case .closed: return .over("the server ended the connection")
        case .truncated: return .over("the server dropped the connection")
        case .failed(let failure): return .over("\(failure)")
        }
    }

    /// One look at a socket that has left the poller.
    mutating func look(_ script: ClientScript, in loop: TransportLoop) -> ClientStep {
        ready(transport.isBlocked ? [.readable, .writable] : .readable, script, in: loop)
    }

    private mutating func established(_ script: ClientScript, in loop: TransportLoop) -> ClientStep {
        if script.depth == .tls { return finishOpening() }
        let (handshake, request) = script.makeUpgrade()
        opening?.handshake = handshake
        phase = .upgrading
        transport.write(request.span, in: loop)
        return .none
    }

    private mutating func finishOpening() -> ClientStep {
        phase = .open
        opening = nil
        return .reached
    }

    private mutating func hear(_ script: ClientScript, in loop: TransportLoop) -> ClientStep {
        switch phase {
        case .connecting: .none
        case .upgrading: upgrade(script, in: loop)
        case .authenticating, .open: loop.buffers.plaintext.withMutableBytes { read(&$0, script, in: loop) }
        }
    }

    private mutating func upgrade(_ script: ClientScript, in loop: TransportLoop) -> ClientStep {
        guard let opening, let handshake = opening.handshake else { return .over("bytes before the upgrade") }
        loop.buffers.plaintext.withBytes { opening.response.append(contentsOf: [UInt8](copying: $0)) }
        var bytes = opening.response
        switch opening.parser.parseHead(bytes.span) {
        case .needMore: return .none
        case .refused(let refusal): return .over("the answer to the upgrade is no HTTP: \(refusal.reason)")
        case .head(let head):
            let answer = handshake.judge(
                status: head.status, upgrade: head.fields.joined("upgrade", in: bytes.span),
                connection: head.fields.joined("connection", in: bytes.span),
                accept: head.fields.joined("sec-websocket-accept", in: bytes.span),
                extensions: head.fields.joined("sec-websocket-extensions", in: bytes.span))
            guard case .open = answer else { return .over("upgrade refused: \(answer)") }
            if script.depth == .upgrade { return finishOpening() }
            phase = .authenticating
            transport.write(script.authFrame(index).span, in: loop)
            // Frames may have come with the answer.
            bytes.removeFirst(head.byteCount)
            var rest = bytes.mutableSpan
            return read(&rest, script, in: loop)
        }
    }

    private mutating func read(
        _ bytes: inout MutableSpan<UInt8>, _ script: ClientScript, in loop: TransportLoop
    ) -> ClientStep {
        var cursor = 0
        var step = ClientStep.none
        let nowNs = SystemTime.monotonicNs()
        while let event = decoder.next(&bytes, &cursor) {
            switch event {
            case .text(let payload):
                if phase == .open {
                    let index = index
                    payload.withBytes(in: bytes.span) { script.inbox.receive(index, $0, nowNs: nowNs) }
                } else {
                    step = payload.withBytes(in: bytes.span) { authenticate($0, script) }
                    if case .over = step { return step }
                }
            case .binary: return .over("a binary message")
            case .ping(let payload):
                let echo = payload.withBytes(in: bytes.span) { [UInt8](copying: $0) }
                transport.write(script.frame(.pong, echo).span, in: loop)
            case .pong: break
            case .close(let code, _): return .over("closed \(code.map { "\($0.rawValue)" } ?? "without a code")")
            case .failed(let fault): return .over("bad frame: \(fault.reason)")
            }
        }
        return step
    }

    private mutating func authenticate(_ bytes: Span<UInt8>, _ script: ClientScript) -> ClientStep {
        // Nothing else comes before it; whatever does is not an answer.
        guard let answer = AuthAnswer(bytes) else { return .none }
        guard answer.code == "200" else { return .over("auth refused: \(answer.code) \(answer.status)") }
        if let seconds = answer.pingTimeout {
            script.inbox.pingTimeoutMs = min(seconds * 1000, script.inbox.pingTimeoutMs ?? .max)
        }
        return finishOpening()
    }

    // MARK: Output

    mutating func send(_ frames: [UInt8], in loop: TransportLoop) {
        transport.write(frames.span, in: loop)
    }

    mutating func leavePoller(in loop: TransportLoop) {
        transport.leavePoller(in: loop)
    }

    /// Goes without a word, leaving no port in TIME_WAIT for the next run.
    consuming func drop() {
        transport.resetOnClose()
    }
}
