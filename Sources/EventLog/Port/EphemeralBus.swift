/// The port for events that skip the log: best effort, latest state wins, nothing is kept. Any thread.
///
/// A cluster's implementation would be a subject on the message broker; the embedded one hands each batch to the
/// subscribers of this process.
public protocol EphemeralBus<Event>: AnyObject, Sendable {
    associatedtype Event: Sendable

    /// Hands `events` to every subscriber. Batches of one publishing thread arrive in order.
    func publish(_ events: [Event])

    /// Calls `receive` for every batch published after this call, on the publisher's thread: it must only post.
    ///
    /// - Returns: what ends the subscription when cancelled.
    func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> EphemeralSubscription
}

/// One subscriber's place on an `EphemeralBus`. Any thread.
public struct EphemeralSubscription: Sendable {
    private let end: @Sendable () -> Void

    public init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    /// Nothing published after this returns is received; a batch on its way on another thread may be.
    public func cancel() { end() }
}
