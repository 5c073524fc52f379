import ChatModel

/// One command on its way to its decisions. The last decision carries the reply and gives the credit back.
struct Turn {
    /// A decision that waits to see whether it is the last.
    struct Draft {
        let seq: Int64
        let changes: [Change]
        let projections: [Projection]
    }

    let app: AppContext
    let command: Command
    let credit: Credit
    let uid: UserID?
    let clock: CoreClock
    /// Unix seconds of all that is decided here.
    let now: Int64
    var draft: Draft?
}
