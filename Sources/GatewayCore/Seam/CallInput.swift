/// What is done to a call: by a client, or, from `timeout` on, by the core itself.
public enum CallInput: Sendable, CaseIterable {
    case accept, reject, cancel, busy
    /// The client's own timer.
    case unanswered
    case end

    /// It rang as long as it may.
    case timeout
    /// The user's last connection is gone and the grace period is over.
    case vanish
    /// The user or their membership ends.
    case removed
}
