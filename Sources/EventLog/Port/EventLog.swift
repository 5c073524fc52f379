public import ChatModel

/// The port to the durable log: the one writer. Owned by the log thread.
///
/// A cluster's implementation would write to a replicated stream; the embedded one is SQLite, and an in-memory twin
/// serves tests and simulation. One contract suite holds for all.
public protocol EventLog: AnyObject {
    /// Writes all decisions, in order, in one transaction, and returns when they are as durable as configured.
    ///
    /// - Returns: one outcome per decision.
    /// - Throws: `LogFailure`: nothing of the batch was written, and the next commit may succeed.
    func commit(_ decisions: [LoggedDecision]) throws(LogFailure) -> [CommitOutcome]

    /// Makes sure, durably on disk whatever the durability, that no position of `app` up to and including `through`
    /// is ever reserved again, and so none handed out twice.
    func reserve(_ app: AppNumber, through: Int64) throws(LogFailure)

    /// Remembers how far webhooks have come. Not synced: after a crash of the machine a hook may begin earlier.
    func keep(_ positions: [HookPosition]) throws(LogFailure)

    /// Work for idle moments: checkpoints, the history of deleted groups, old lines of the feed, the words of new
    /// messages. Bounded per call.
    ///
    /// - Returns: whether there is more to do at once; else it is time again in a second or so.
    @discardableResult
    func maintain(nowSeconds: Int64) throws(LogFailure) -> Bool
}
