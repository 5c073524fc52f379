internal import ChatModel

/// One ordered run of message keys in the store, walked in either direction. See `MessageFeed`.
struct MessageSource {
    enum Run {
        case app
        case conversation(Int64)
        /// Actions on a user.
        case about(Int64)
        /// Replies to a key.
        case thread(Int64)
    }

    let run: Run
    /// Keys, both included.
    let low: Int64
    let high: Int64

    /// Keys from `after` on (exclusive; nil: from the run's own end), at most as many as the second limit says.
    static func sql(_ run: Run, ascending: Bool) -> String {
        let condition =
            switch run {
            case .app: "? IS NOT NULL"
            case .conversation: "conversation = ?"
            case .about: "actionOn = ?"
            case .thread: "parent = ?"
            }
        return """
            SELECT key FROM messages WHERE \(condition) AND key BETWEEN ? AND ?
            ORDER BY key \(ascending ? "ASC" : "DESC") LIMIT ?
            """
    }

    var argument: Int64 {
        switch run {
        case .app: 0
        case .conversation(let id), .about(let id), .thread(let id): id
        }
    }
}
