internal import Reactor
internal import WebSocketCodec

/// A shard's connection. Lives in the shard's slab; confined to its loop thread.
///
/// An idle realtime connection owns this and its TLS session, nothing else: `http` goes with the upgrade, and `held` has
/// no memory while it is empty.
struct ShardConnection: ~Copyable {
    /// Which deadline a connection's timer stands for.
    enum Deadline: UInt8 {
        case handshake = 1, head, idle, body, write, linger
    }

    var transport: StreamTransport
    let address: SocketAddress
    let listener: ListenerKind
    /// nil once the connection speaks WebSocket.
    var http: HTTPConnection?
    var decoder: WebSocketDecoder
    /// Plaintext that came while reading was paused.
    var held = ByteQueue()
    var deadline = TimerID.none
    /// Our end is out, or decided: nothing the peer still sends matters.
    var isEnding = false

    var isRealtime: Bool { http == nil }

    init(transport: consuming StreamTransport, address: SocketAddress, listener: ListenerKind, http: HTTPConnection) {
        self.transport = transport
        self.address = address
        self.listener = listener
        self.http = http
        decoder = WebSocketDecoder(role: .server, messageBytesMax: 1)
    }
}
