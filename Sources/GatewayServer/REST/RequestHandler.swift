public import ChatModel
public import GatewayCore

/// The routes, as a shard sees them. Any thread: shards share one handler.
public protocol RequestHandler: Sendable {
    /// Called when a head is complete, before its body is read.
    func begin(_ head: RequestHead) -> RequestDisposition
    /// Called with the whole body, on the connection's shard: must not block.
    func handle(_ request: Request) -> RouteResult
}

/// What becomes of a request's body.
public enum RequestDisposition {
    /// Collected, at most so many bytes (past it: 413), then `handle`.
    case collect(bytesMax: Int)
    /// Handed on as it arrives, while the answer may already stream out.
    case stream(any RequestStream)
    /// Handed on as it arrives; the answer comes when its consumer has one.
    case consume(any BodyConsumer)
    /// Answered without reading the body; the connection is closed when the body was not all there.
    case refuse(Response)
}

/// The next step of a request. Steps follow each other until there is an answer; a connection whose client left drops
/// the rest.
public enum RouteResult: Sendable {
    case answer(Response)
    /// Posted to the core with the shard's credit and reply address (none left: 503); `then` runs on the shard when the
    /// reply's batch is walked. `bytes`: what the command holds on to, for the credit.
    case command(Command, bytes: Int, then: @Sendable (ReplyBody) -> RouteResult)
    /// Runs on the blocking pool (full: 503); its result comes back to the shard.
    case job(@Sendable () -> RouteResult)
    /// Like `job`, for work that is `async` (JWT signing).
    case task(@Sendable () async -> RouteResult)
    /// An answer whose body is a file.
    case file(FileAnswer)
    /// The answer is an app's event feed, for as long as the client listens.
    case follow(FeedSubscription)
}

/// From where an app's feed is followed.
public struct FeedSubscription: Sendable, Equatable {
    public let app: AppNumber
    /// The last number that is not wanted.
    public let after: Int64

    public init(app: AppNumber, after: Int64) {
        self.app = app
        self.after = after
    }
}

/// A request whose body and answer both stream (bulk publishing). Confined to its connection's shard.
public protocol RequestStream: AnyObject {
    /// The response's head, sent before anything is written: the status is 200 once the stream starts.
    var contentType: String { get }
    /// More of the body. `ended`: this was the last of it.
    func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool, port: any RequestStreamPort)
    /// The reply to a command that was posted with `tag`.
    func replied(_ tag: UInt64, _ body: ReplyBody, port: any RequestStreamPort)
    /// False: reading the body pauses until a later callback changes it.
    var wantsMore: Bool { get }
}

/// What a streaming request can do on its shard.
public protocol RequestStreamPort: AnyObject {
    /// False when there is no credit: the line is answered as unavailable.
    func post(_ command: Command, bytes: Int, tag: UInt64) -> Bool
    func write(_ bytes: [UInt8])
    /// Ends the response.
    func finish()
}
