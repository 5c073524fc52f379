/// What a peer sent, one at a time.
public enum WebSocketEvent: Sendable, Equatable {
    /// A whole message, valid UTF-8.
    case text(WebSocketPayload)
    case binary(WebSocketPayload)
    /// To be answered with a pong of the same payload.
    case ping(WebSocketPayload)
    case pong(WebSocketPayload)
    /// The peer closes; nothing follows. `code` is nil for an empty close frame. `reason` is valid UTF-8.
    case close(code: WebSocketCloseCode?, reason: WebSocketPayload)
    /// The connection must be failed: send a close frame with the fault's code, then close. Nothing follows.
    case failed(WebSocketFault)
}
