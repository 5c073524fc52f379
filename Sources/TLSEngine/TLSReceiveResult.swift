/// What came of one `TLSSession.receive`.
public enum TLSReceiveResult: Sendable, Equatable {
    /// The handshake goes on and wants more from the peer; flush the loop's output.
    case handshaking
    /// `count` bytes (0 and up) were written to the front of the plaintext buffer. When `more`, call again before
    /// going on: there is plaintext left, or the end of the session to be told.
    case plaintext(count: Int, more: Bool)
    /// The peer sent close_notify: nothing follows from it. Answer with `close()`.
    case closed
    /// The session is over. An alert, if there is one, lies in the loop's output and should still be sent.
    case failed(TLSFailure)
}
