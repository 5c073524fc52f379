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
    /// Also for a known app, whose limits may have changed.
    case addApp(AppNumber, id: String, limits: AppLimits, position: Int64)
    case removeApp(id: String)
    /// New rules and TLS context; for what comes from here on.
    case reload(ShardSettings)
    /// Stop accepting, close everyone 4200.
    case drain
    case stop
}
