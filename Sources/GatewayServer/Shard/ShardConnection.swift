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
    /// Whose connection it is: the peer's, until a proxy's header names another.
    var address: SocketAddress
    /// Whether it counts against its address; not before a header that is awaited.
    var isIdentified: Bool
    /// The header that a proxy is to send first, as far as it came; nil when none is awaited (any more).
    var proxyHeader: (reader: ProxyHeader, wanted: Int)?
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

    init(
        transport: consuming StreamTransport, address: SocketAddress, listener: ListenerKind, http: HTTPConnection,
        awaitsProxyHeader: Bool
    ) {
        self.transport = transport
        self.address = address
        isIdentified = !awaitsProxyHeader
        proxyHeader = awaitsProxyHeader ? (ProxyHeader(), ProxyHeader.firstBytes) : nil
        self.listener = listener
        self.http = http
        decoder = WebSocketDecoder(role: .server, messageBytesMax: 1)
    }
}
