internal import ChatModel

/// One ordered run of keys of messages, or of what is keyed like them, in the store, walked in either direction. See `MessageFeed`.
struct MessageSource {
    enum Run {
        case app
        case conversation(Int64)
        /// What is no text, of one type.
        case type(conversation: Int64, String)
        /// What is no `message`, of one category.
        case category(conversation: Int64, MessageCategory)
        /// Actions on a user.
        case about(Int64)
        /// Replies to a key.
        case thread(Int64)
        /// Reactions given and taken back in a conversation.
        case reactions(Int64)
        /// Goals reached in messages of a user.
        case completions(Int64)
        /// What the word index finds for a `WordTerms.expression`.
        case words(String)
    }

    let run: Run
    /// Keys, both included.
    let low: Int64
    let high: Int64

    /// The run's own arguments come first, then the lowest and the highest key, and how many at most.
    static func sql(_ run: Run, ascending: Bool) -> String {
        let order = ascending ? "ASC" : "DESC"
        var table = "messages"
        let condition: String
        switch run {
        case .words:
            return """
                SELECT rowid FROM messageWords WHERE messageWords MATCH ? AND rowid BETWEEN ? AND ?
                ORDER BY rowid \(order) LIMIT ?
                """
        case .app: condition = "true"
        case .conversation: condition = "conversation = ?"
        case .type: condition = "conversation = ? AND type = ? AND type <> 'text'"
        case .category: condition = "conversation = ? AND category = ? AND category <> 0"
        // The code of `unbanned`: of that the members hear, and who was banned is none.
        case .about: condition = "actionOn = ? AND action <> 5"
        case .thread: condition = "parent = ?"
        case .reactions: (table, condition) = ("reactions", "conversation = ?")
        case .completions: (table, condition) = ("completions", "author = ?")
        }
        return """
            SELECT key FROM \(table) WHERE \(condition) AND key BETWEEN ? AND ?
            ORDER BY key \(order) LIMIT ?
            """
    }

    /// The statement for the keys from `low` to `high`.
    func statement(
        _ reader: StoreReader, ascending: Bool, low: Int64, high: Int64, limit: Int64
    ) throws -> Prepared {
        let statement = try reader.statement(Self.sql(run, ascending: ascending))
        var bound: Int32 = 1
        switch run {
        case .app: bound = 0
        case .conversation(let id), .about(let id), .thread(let id), .reactions(let id), .completions(let id):
            statement.bind(1, id)
        case .type(let conversation, let type):
            statement.bind(1, conversation)
            statement.bind(2, type)
            bound = 2
        case .category(let conversation, let category):
            statement.bind(1, conversation)
            statement.bind(2, category.code)
            bound = 2
        case .words(let expression): statement.bind(1, expression)
        }
        statement.bind(bound + 1, low)
        statement.bind(bound + 2, high)
        statement.bind(bound + 3, limit)
        return statement
    }

    /// The same run without the keys below `low`.
    func from(_ low: Int64) -> MessageSource {
        MessageSource(run: run, low: max(self.low, low), high: high)
    }
}
