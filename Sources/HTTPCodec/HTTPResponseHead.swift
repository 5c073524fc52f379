/// A parsed response head; ranges as in `HTTPRequestHead`.
public struct HTTPResponseHead: Sendable, Equatable {
    public let status: Int
    public let version: HTTPVersion
    public let fields: HTTPFields
    /// The bytes the head took, blank line included.
    public let byteCount: Int
    public let keepAlive: Bool
    public let framing: HTTPBodyFraming
}
