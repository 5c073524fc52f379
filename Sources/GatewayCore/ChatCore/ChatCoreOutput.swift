public import ChatModel

/// What the core asks of its thread. Called synchronously from the core's inputs, on the core thread; an implementation
/// queues and returns, and never calls back into the core.
public protocol ChatCoreOutput: AnyObject {
    /// To the log thread, FIFO. Decisions are numbered from 1 in the order of these calls; `committed` and `failed` of
    /// the core speak in those numbers.
    func decide(_ decision: Decision)

    /// To the fan-out workers, best effort.
    func emit(_ event: EphemeralEvent)

    /// Read this entity on the pool and answer with `loaded`, exactly once.
    func load(_ key: EntityKey)

    /// Make positions of `app` up to and including `through` ours on disk, and answer with `reserved` or
    /// `reserveFailed`.
    func reserve(_ app: AppNumber, through: Int64)

    /// To the log thread, in the same FIFO as `decide`: the core has taken in a failure. Every decision before this one
    /// that is not committed is void and stays so; what follows stands on reloaded state.
    func recovered()
}
