/// A parsed request head. All ranges are offsets into the bytes given to `HTTPRequestParser.parseHead`, so they hold
/// while those bytes stay where they are, or for a copy of their first `byteCount` bytes.
public struct HTTPRequestHead: Sendable, Equatable {
    public let method: HTTPMethod
    /// The method as sent, for `.other`.
    public let methodName: Range<Int>
    /// The request target as sent.
    public let target: Range<Int>
    /// The path, still percent-encoded; begins with "/". Empty for an absolute target without a path (treat as "/"),
    /// "*" for `OPTIONS *`.
    public let path: Range<Int>
    /// What follows "?", still encoded; nil without "?".
    public let query: Range<Int>?
    /// Host and port of an absolute target, which win over the Host header (RFC 9112 §3.2.2).
    public let authority: Range<Int>?
    public let version: HTTPVersion
    public let fields: HTTPFields
    /// The bytes the head took, blank line included: the body begins here.
    public let byteCount: Int
    /// Whether another request may follow on this connection.
    public let keepAlive: Bool
    public let framing: HTTPBodyFraming
    /// The peer waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool
    /// `Connection: upgrade` was given together with an Upgrade header.
    public let asksUpgrade: Bool
}
