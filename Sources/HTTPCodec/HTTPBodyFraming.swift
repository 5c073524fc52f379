/// How the end of a body is found (RFC 9112 §6).
public enum HTTPBodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
    /// Responses only: the body ends when the peer closes.
    case untilClose
}
