import GatewayServer
import HTTPCodec
import Reactor
import TLSEngine
import WebSocketCodec

/// One client. Confined to the loop's thread; lives in the server's slab.
///
///     phase     | bytes                         | next
///     upgrade   | part of a request             | upgrade
///     upgrade   | a WebSocket request           | messages: 101
///     upgrade   | anything else                 | over: an error response
///     messages  | a message                     | messages: the same back
///     messages  | a ping                        | messages: a pong
///     messages  | close, or against the rules   | over: a close frame
///     over      | anything                      | over: dropped
struct EchoConnection: ~Copyable {
    private enum Phase {
        case upgrade, messages, over
    }

    /// With so much unsent, reading pauses until the socket has taken all.
    private static let unsentMax = 1 << 20

    var transport: StreamTransport
    private var phase = Phase.upgrade
    private var request = ByteQueue()
    private var parser = HTTPRequestParser()
    private var decoder = WebSocketDecoder(role: .server, messageBytesMax: EchoCodec.messageBytesMax)
    private var deflate: PermessageDeflate?
    private var closing = WebSocketCloseState.open
    private var isPaused = false
    /// The timer that bounds the wait for the peer's end.
    var lingering = TimerID.none

    /// Our direction has ended.
    var isOver: Bool { phase == .over }

    init(transport: consuming StreamTransport) {
        self.transport = transport
    }

    /// Takes in what an event gave, and sends the answers.
    mutating func handle(_ input: TransportInput, _ codec: EchoCodec, in loop: TransportLoop) {
        if input.count > 0 {
            switch phase {
            case .upgrade:
                loop.buffers.plaintext.withBytes { request.append($0) }
                upgrade(codec, in: loop)
            case .messages:
                loop.buffers.plaintext.withMutableBytes { echo(&$0, codec, in: loop) }
            case .over: break
            }
        }
        if input.end != nil { phase = .over }
        if phase == .over { transport.finish(in: loop) } else { transport.flush(in: loop) }
        limit(in: loop)
    }

    /// A peer that sends and does not read gets no further.
    private mutating func limit(in loop: TransportLoop) {
        if !isPaused, transport.unsentCount > Self.unsentMax, phase != .over {
            isPaused = true
            transport.pauseReading(in: loop)
        } else if isPaused, !transport.isBlocked || phase == .over {
            isPaused = false
            transport.resumeReading(in: loop)
        }
    }

    private mutating func upgrade(_ codec: EchoCodec, in loop: TransportLoop) {
        switch request.withBytes({ parser.parseHead($0) }) {
        case .needMore: return
        case .refused(let refusal): refuse(refusal.status, "\(refusal.reason)", codec, in: loop)
        case .head(let head):
            let answer = request.withBytes { WebSocketHandshake.answer(Self.upgradeRequest(head, $0)) }
            switch answer {
            case .refuse(let refusal): refuse(refusal.status, "\(refusal.reason)", codec, in: loop)
            case .accept(let acceptance):
                codec.reset()
                acceptance.appendResponse(to: &codec.composed)
                codec.withComposed { transport.append($0, in: loop) }
                phase = .messages
                deflate = acceptance.deflate
                let bytesMax = deflate == nil ? EchoCodec.messageBytesMax : EchoCodec.compressedBytesMax
                decoder = WebSocketDecoder(role: .server, messageBytesMax: bytesMax, deflates: deflate != nil)
                // The first frames may have come with the request.
                request.consume(head.byteCount)
                var early = ByteQueue()
                swap(&early, &request)
                early.withMutableBytes { echo(&$0, codec, in: loop) }
            }
        }
    }

    private static func upgradeRequest(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> WebSocketUpgradeRequest {
        WebSocketUpgradeRequest(
            methodIsGET: head.method == .get, versionIsHTTP11: head.version == .http11, hasBody: head.framing != .none,
            upgrade: head.fields.joined("upgrade", in: bytes), connection: head.fields.joined("connection", in: bytes),
            key: head.fields.joined("sec-websocket-key", in: bytes),
            version: head.fields.joined("sec-websocket-version", in: bytes),
            extensions: head.fields.joined("sec-websocket-extensions", in: bytes))
    }

    private mutating func refuse(_ status: Int, _ reason: String, _ codec: EchoCodec, in loop: TransportLoop) {
        codec.reset()
        HTTPResponseWriter.appendStatusLine(status, to: &codec.composed)
        let rest =
            "Content-Type: text/plain\r\nContent-Length: \(reason.utf8.count)\r\nConnection: close\r\n\r\n\(reason)"
        codec.composed.append(contentsOf: rest.utf8)
        codec.withComposed { transport.append($0, in: loop) }
        request.removeAll()
        phase = .over
    }

    private mutating func echo(_ bytes: inout MutableSpan<UInt8>, _ codec: EchoCodec, in loop: TransportLoop) {
        var cursor = 0
        while phase == .messages, let event = decoder.next(&bytes, &cursor, inflater: codec.inflater) {
            switch event {
            case .text(let payload): send(.text, payload, bytes.span, codec, in: loop)
            case .binary(let payload): send(.binary, payload, bytes.span, codec, in: loop)
            case .ping(let payload): send(.pong, payload, bytes.span, codec, in: loop)
            case .pong: break
            case .close(let code, _):
                if closing.receiveClose() == .answer { close(code, "", codec, in: loop) }
            case .failed(let fault): close(fault.closeCode, "\(fault.reason)", codec, in: loop)
            }
        }
    }

    private mutating func send(
        _ opcode: WebSocketOpcode, _ payload: WebSocketPayload, _ bytes: Span<UInt8>, _ codec: EchoCodec,
        in loop: TransportLoop
    ) {
        payload.withBytes(in: bytes, inflater: codec.inflater) {
            codec.compose(opcode, $0, deflate: opcode == .pong ? nil : deflate)
        }
        codec.withComposed { transport.append($0, in: loop) }
    }

    private mutating func close(
        _ code: WebSocketCloseCode?, _ reason: String, _ codec: EchoCodec, in loop: TransportLoop
    ) {
        if closing.sendClose() {
            codec.reset()
            WebSocketEncoder.appendClose(code, reason: reason, to: &codec.composed)
            codec.withComposed { transport.append($0, in: loop) }
        }
        phase = .over
    }
}
