internal import GatewayCore
internal import HTTPCodec
internal import TLSEngine

/// What a reload replaces on a shard. Immutable.
struct ShardSettings: Sendable {
    let rules: ShardRules
    let tls: TLSContext
    let allowedOrigins: [String]
    let frameBytesMax: Int
}

/// Bounds of the HTTP side that nobody has needed to set. Milliseconds and bytes.
enum HTTPTimes {
    /// From the connection, or the first byte of a head, to the end of the head: 408.
    static let headMs: Int64 = 10_000
    /// From one request's answer to the next request: closed silently.
    static let idleMs: Int64 = 75_000
    /// Between two parts of a body: 408.
    static let bodyMs: Int64 = 30_000
    /// The TLS handshake.
    static let handshakeMs: Int64 = 10_000
    /// Nothing taken by the peer's socket for so long: cut.
    static let writeMs: Int64 = 10_000
    /// From our end of a connection to the peer's.
    static let lingerMs: Int64 = 3_000
    /// Requests of one connection under way at once.
    static let pipelineMax = 128
    /// Unparsed bytes kept while earlier requests are under way; past it reading pauses.
    static let unparsedMax = 65_536
}
