internal import ChatModel
internal import GatewayCore

/// What reaches a shard from other threads.
enum ShardMessage: Sendable {
    case batch(CommittedBatch)
    case ephemeral([EncodedEphemeral])
    case verified(ConnectionReference, CredentialVerdict)
    case replayed(ConnectionReference, EncodedReplayPage?)
    /// The next step of an HTTP request.
    case stepped(ReplyAddress, RouteResult)
    /// The consumer of a request's body has taken some, or has a result.
    case consumed(ReplyAddress)
    /// The next bytes of a file that is an answer; nil: it cannot be read.
    case fileRead(ReplyAddress, [UInt8]?)
    /// A page for a reader of a feed; nil: the store could not be read.
    case feedPage(ConnectionReference, FeedPages.Encoded?)
    /// Also for a known app, whose limits may have changed.
    case addApp(AppNumber, id: String, limits: AppLimits, position: Int64)
    case removeApp(id: String)
    /// New rules and TLS context; for what comes from here on.
    case reload(ShardSettings)
    /// Stop accepting, close everyone 4200.
    case drain
    case stop
}
