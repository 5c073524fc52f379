/// Which side of the connection we are. Clients mask what they send, servers never do (RFC 6455 §5.1).
///
/// Reading order of this room: `WebSocketHandshake` answers the upgrade, `WebSocketDecoder` turns received bytes into
/// events, `WebSocketEncoder` writes frames, `WebSocketCloseState` says what may still be sent, `Inflater` and
/// `Deflater` are RFC 7692. None of them sees a socket or a clock.
///
///     received bytes ──► WebSocketDecoder.next ──► .text(payload) .ping(payload) .close … .failed(fault)
///                          │ unmasks in place; a message that lies whole in the bytes is handed out as a range
///                          └ keeps only what is unfinished; an idle connection costs one word
public enum WebSocketRole: Sendable, Equatable {
    case server, client
}
