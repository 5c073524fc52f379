/// Where a connection is in the closing handshake (RFC 6455 §7.1). A value; confined with its connection.
///
///     state         | data may be sent | we send close  | peer's close arrives        | transport ends
///     open          | yes              | → closeSent    | → closeReceived, `.answer`  | → closed (1006)
///     closeSent     | no               | refused        | → closed, `.disconnect`     | → closed (1006)
///     closeReceived | no               | → closed       | ignored (cannot happen)     | → closed
///     closed        | no               | refused        | ignored                     | closed
///
/// Pongs count as data here: after a close frame nothing may follow. Once closed, the server shuts the transport down.
public enum WebSocketCloseState: Sendable, Equatable {
    case open, closeSent, closeReceived, closed

    /// What the connection does about the peer's close frame.
    public enum Action: Sendable, Equatable {
        /// Send a close frame with the same code (`sendClose`), then disconnect when it is out.
        case answer
        /// Both sides have closed: disconnect.
        case disconnect
        case ignore
    }

    /// Whether frames other than close may be sent.
    public var maySend: Bool { self == .open }

    /// Before a close frame is written. False when none may be sent any more.
    public mutating func sendClose() -> Bool {
        switch self {
        case .open:
            self = .closeSent
            return true
        case .closeReceived:
            self = .closed
            return true
        case .closeSent, .closed:
            return false
        }
    }

    /// On the decoder's `.close`.
    public mutating func receiveClose() -> Action {
        switch self {
        case .open:
            self = .closeReceived
            return .answer
        case .closeSent:
            self = .closed
            return .disconnect
        case .closeReceived, .closed:
            return .ignore
        }
    }

    /// The transport is gone. True when the handshake was complete or the peer had closed, so that the end was clean.
    public mutating func transportEnded() -> Bool {
        let wasClean = self == .closed || self == .closeReceived
        self = .closed
        return wasClean
    }
}
