internal import GatewayCore
internal import HTTPCodec
internal import TLSEngine

/// What a reload replaces on a shard. Immutable.
struct ShardSettings: Sendable {
    let rules: ShardRules
    let tls: TLSContext
    let allowedOrigins: [String]
    let frameBytesMax: Int
    /// Whether a proxy's header stands before TLS.
    let proxyProtocol: Bool
}

/// Bounds of the HTTP side that nobody has needed to set. Milliseconds and bytes.
enum HTTPTimes {
    /// From the connection, or the first byte of a head, to the end of the head: 408.
    static let headMs: Int64 = 10_000
    /// From one request's answer to the next request: closed silently.
    static let idleMs: Int64 = 75_000
    /// Between two parts of a body: 408.
    static let bodyMs: Int64 = 30_000
    /// A consumed body that after so long has come at less than so many bytes per second: 408.
    static let trickleMs: Int64 = 60_000
    static let bodyBytesPerSecondMin: Int64 = 512
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
