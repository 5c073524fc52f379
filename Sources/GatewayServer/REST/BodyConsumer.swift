/// Takes a request's body as it arrives and has the request's next step when it has seen enough of it (uploads).
///
/// A shard calls it; what it does takes place elsewhere, and is told by `wake`.
public protocol BodyConsumer: AnyObject, Sendable {
    /// Called once, before anything else. `wake` may be called on any thread: the shard then looks at what there is.
    func start(wake: @escaping @Sendable () -> Void)
    /// False: reading the body pauses until a `wake` after which it is true.
    var wantsMore: Bool { get }
    /// More of the body, lent for the call. `ended`: this was the last of it.
    func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool)
    /// The next step, once: nil before there is one. Given before the body's end, it is the connection's last answer.
    func takeResult() -> RouteResult?
    /// The client left, or took too long, and no result was taken: nothing of it is kept.
    func abandon()
}
