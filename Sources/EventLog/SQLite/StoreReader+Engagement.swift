internal import ChatModel
internal import GRDB

/// What users did with messages.
extension StoreReader {
    /// Those of the mentioned who have a record.
    func mentioned(_ message: StoredMessage) throws -> [UserView] {
        guard !message.record.mentions.isEmpty else { return [] }
        let app = MessageKey.app(message.key)
        return try message.record.mentions.compactMap { uid in
            guard let id = try userID(app, uid), try storedUser(id) != nil else { return nil }
            return try userView(id)
        }
    }

    /// 0, which is nobody's id, for one who was never spoken of.
    func viewerID(_ app: AppNumber, _ uid: UserID) throws -> Int64 {
        try userID(app, uid) ?? 0
    }

    func engagement(of user: Int64, with record: MessageRecord, key: Int64) throws -> Engagement {
        // Most messages have neither, and say so themselves.
        let reactions = record.reactions.isEmpty ? [] : try standing(key, user).map(\.reaction)
        let interactions = record.category == .interactive ? try self.interactions(key, user) : []
        return Engagement(reactions: reactions, interactions: interactions)
    }

    func loadEngagement(_ app: AppNumber, _ id: Int64, _ uid: UserID) throws -> LoadedEngagement {
        guard let user = try userID(app, uid) else {
            return LoadedEngagement(reactions: [], interactions: [], hasCompleted: false)
        }
        let key = MessageKey.clamped(app, id)
        let hasCompleted = try statement(
            "SELECT 1 FROM completions WHERE message = ? AND user = ?", key, user
        ).first { _ in true }
        return LoadedEngagement(
            reactions: try standing(key, user), interactions: try interactions(key, user),
            hasCompleted: hasCompleted ?? false)
    }

    private func standing(_ message: Int64, _ user: Int64) throws -> [LoadedEngagement.Given] {
        try statement(Self.standingSQL, message, user).map { row in
            LoadedEngagement.Given(reaction: row.text(1), id: MessageKey.position(row.int(0)), at: row.int(2))
        }
    }

    static let standingSQL =
        "SELECT key, reaction, at FROM reactions WHERE message = ? AND user = ? AND stands = 1 ORDER BY key"

    /// `through`: only those used up to that position.
    private func interactions(
        _ message: Int64, _ user: Int64, through: Int64 = MessageKey.positionMax
    ) throws -> [Interaction] {
        try statement(Self.interactionsSQL, message, user, through).map { row in
            Interaction(elementID: row.text(0), at: row.int(1))
        }
    }

    static let interactionsSQL = """
        SELECT element, at FROM interactions WHERE message = ? AND user = ? AND seq <= ? ORDER BY seq, element
        """

    /// The reactions of a message as they were at a position.
    func reactions(of record: MessageRecord, _ message: Int64, at seq: Int64) throws -> [ReactionCount] {
        let later = try statement(
            Self.laterReactionsSQL, message, MessageKey.clamped(MessageKey.app(message), seq)
        ).map { ReactionTally.Step(reaction: $0.text(0), isAdded: $0.int(1) == $0.int(2)) }
        return ReactionTally.undoing(later, from: record.reactions)
    }

    static let laterReactionsSQL =
        "SELECT reaction, key, given FROM reactions WHERE message = ? AND key > ? ORDER BY key DESC"

    // MARK: Replay

    /// Reactions and reached goals that the user missed, ascending; at most one more than the page holds. `sources`: the
    /// user's own view of the log.
    func replayedEngagement(
        _ request: ReplayRequest, _ user: Int64, _ sources: [MessageSource], low: Int64, high: Int64
    ) throws -> [ReplayPage.Item] {
        let reactions = sources.compactMap { source in
            if case .conversation(let id) = source.run {
                MessageSource(run: .reactions(id), low: source.low, high: source.high)
            } else {
                nil
            }
        }
        let completions = MessageSource(run: .completions(user), low: low, high: high)
        var feed = try MessageFeed(self, reactions + [completions], ascending: true)
        var items: [ReplayPage.Item] = []
        while items.count <= request.limit, let key = try feed.next() {
            if let event = try reactionEvent(key: key) {
                if isOwn(request, event.reaction.user, event.originSession) { continue }
                items.append(.reaction(event))
            } else if let event = try completionEvent(key: key) {
                if isOwn(request, event.user, event.originSession) { continue }
                items.append(.completion(event))
            }
        }
        return items
    }

    private func isOwn(_ request: ReplayRequest, _ user: UserView, _ session: SessionID?) -> Bool {
        request.session != nil && session == request.session && user.record.uid == request.uid
    }

    /// What happened at a position; nil: no reaction, or its message is no more.
    func reactionEvent(key: Int64) throws -> ReactionEvent? {
        guard let found = try reaction(key: key) else { return nil }
        return ReactionEvent(
            isAdded: found.given == key, reaction: found.reaction, seq: MessageKey.position(key),
            originSession: found.session.flatMap { SessionID($0) })
    }

    /// What happened at a position; nil: no goal was reached, or its message is no more.
    func completionEvent(key: Int64) throws -> CompletionEvent? {
        let find = try statement("SELECT message, user, session FROM completions WHERE key = ?", key)
        let found = try find.first { (message: $0.int(0), user: $0.int(1), session: $0.optionalText(2)) }
        guard let found, let record = try record(key: found.message) else { return nil }
        let seq = MessageKey.position(key)
        return CompletionEvent(
            messageID: record.id, conversation: record.conversation, author: record.sender,
            user: try userView(found.user), interactions: try interactions(found.message, found.user, through: seq),
            seq: seq, originSession: found.session.flatMap { SessionID($0) })
    }

    // MARK: Lists

    private struct StoredReaction {
        let reaction: Reaction
        /// The key of its giving.
        let given: Int64
        let session: String?
    }

    /// nil: there is none, or its message is no more.
    private func reaction(key: Int64) throws -> StoredReaction? {
        let find = try statement("SELECT message, user, given, at, reaction, session FROM reactions WHERE key = ?", key)
        let found = try find.first { row in
            (
                message: row.int(0), user: row.int(1), given: row.int(2), at: row.int(3), reaction: row.text(4),
                session: row.optionalText(5)
            )
        }
        guard let found, let record = try record(key: found.message) else { return nil }
        let reaction = Reaction(
            id: MessageKey.position(found.given), messageID: record.id, conversation: record.conversation,
            parentID: record.parentID, reaction: found.reaction, user: try userView(found.user), at: found.at)
        return StoredReaction(reaction: reaction, given: found.given, session: found.session)
    }

    func reactions(_ query: ReactionQuery) throws -> ReactionPage {
        let ascending = query.affix == .append
        var (low, high) = (MessageKey.make(query.app, 0), MessageKey.make(query.app, MessageKey.positionMax))
        if let cursor = query.cursor {
            let key = MessageKey.clamped(query.app, cursor)
            if ascending { low = key + 1 } else { high = key - 1 }
        }
        let find = try statement(Self.reactionsSQL(ofWord: query.reaction != nil, ascending: ascending))
        let limit = min(max(query.limit, 1), ReactionQuery.limitMax)
        find.bind(1, MessageKey.clamped(query.app, query.messageID))
        find.bind(2, low)
        find.bind(3, high)
        find.bind(4, Int64(limit))
        if let reaction = query.reaction { find.bind(5, reaction) }
        let keys = try find.map { $0.int(0) }
        return ReactionPage(
            reactions: try (ascending ? keys : keys.reversed()).compactMap { try reaction(key: $0)?.reaction })
    }

    static func reactionsSQL(ofWord: Bool, ascending: Bool) -> String {
        """
        SELECT key FROM reactions
        WHERE message = ?1 AND stands = 1 AND key BETWEEN ?2 AND ?3 \(ofWord ? "AND reaction = ?5" : "")
        ORDER BY key \(ascending ? "ASC" : "DESC") LIMIT ?4
        """
    }
}
