public import ChatModel
public import WireProtocol

/// What a shard's core asks of the shard around it. Confined to the shard's loop thread; called synchronously, and must
/// not call back into the core.
public protocol ShardSink: AnyObject {
    /// Posts a command against a credit (typing and transient: against the bound of droppable posts). `bytes`: what it
    /// holds on to. False: nothing was posted.
    func post(_ command: Command, bytes: Int) -> Bool

    /// Posts `connect` and `disconnected`, which never need a credit.
    func postAlways(_ command: Command)

    /// Whether the peer's address may try to authenticate once more.
    func mayAuthenticate(_ connection: ConnectionReference) -> Bool

    /// Counts a failed attempt against the peer's address.
    func authenticationFailed(_ connection: ConnectionReference)

    /// Starts checking what the `auth` frame presented; the verdict comes back as `credentialVerified`. False: there is
    /// no room for the job.
    func verify(_ connection: ConnectionReference, credential: String, sender: UserID, app: AppNumber) -> Bool

    /// Starts reading and encoding a page; it comes back as `replayPage`. False: there is no room for the job.
    func replay(_ connection: ConnectionReference, _ request: ReplayQuery) -> Bool

    /// No more frames of this connection, decoded ones included, until `resumeReading`.
    func pauseReading(_ connection: ConnectionReference)
    func resumeReading(_ connection: ConnectionReference)

    /// The connection is over for the core: it takes nothing more, and its queue ends with a close frame.
    func closing(_ connection: ConnectionReference, _ reason: CloseReason)

    /// The core's answer to a request that was no realtime frame of this shard's.
    func answer(_ address: ReplyAddress, _ body: ReplyBody)
}

/// What became of a credential, as far as that can be judged without the core.
public enum CredentialVerdict: Sendable {
    case valid(VerifiedCredential)
    /// A JWT of either kind whose time is over.
    case expired
    case refused
    /// The check could not be made.
    case unavailable
}
