internal import ChatModel

/// What users did with messages.
extension MemoryApp {
    func engagement(of uid: UserID, with id: Int64) -> Engagement {
        guard let record = message(id) else { return Engagement() }
        let loaded = loadEngagement(id, uid)
        return Engagement(
            reactions: record.reactions.isEmpty ? [] : loaded.reactions.map(\.reaction),
            interactions: record.category == .interactive ? loaded.interactions : [])
    }

    func loadEngagement(_ id: Int64, _ uid: UserID) -> LoadedEngagement {
        let given = reactions.filter { $0.stands && $0.change.messageID == id && $0.change.uid == uid }
        return LoadedEngagement(
            reactions: given.map { LoadedEngagement.Given(reaction: $0.change.reaction, id: $0.seq, at: $0.change.at) },
            interactions: interactions(id, uid, through: .max),
            hasCompleted: completions.contains { $0.messageID == id && $0.uid == uid })
    }

    private func interactions(_ id: Int64, _ uid: UserID, through seq: Int64) -> [Interaction] {
        interactions.filter { $0.messageID == id && $0.uid == uid && $0.seq <= seq }
            .sorted {
                $0.seq == $1.seq
                    ? $0.interaction.elementID.precedes($1.interaction.elementID) : $0.seq < $1.seq
            }
            .map(\.interaction)
    }

    /// The reactions of a message as they were at a position.
    func reactions(of record: MessageRecord, at seq: Int64) -> [ReactionCount] {
        let later = reactions.filter { $0.change.messageID == record.id && $0.seq > seq }
        return ReactionTally.undoing(
            later.reversed().map { ReactionTally.Step(reaction: $0.change.reaction, isAdded: $0.change.isAdded) },
            from: record.reactions)
    }

    func reactions(_ query: ReactionQuery) -> ReactionPage {
        let found = reactions.filter { stored in
            guard stored.stands, stored.change.messageID == query.messageID else { return false }
            if let word = query.reaction, Array(word.utf8) != Array(stored.change.reaction.utf8) { return false }
            guard let cursor = query.cursor else { return true }
            return query.affix == .append ? stored.seq > cursor : stored.seq < cursor
        }
        let limit = min(max(query.limit, 1), ReactionQuery.limitMax)
        let page = query.affix == .append ? found.prefix(limit) : found.suffix(limit)
        return ReactionPage(reactions: page.compactMap(shown))
    }

    private func shown(_ stored: StoredReaction) -> Reaction? {
        guard let record = message(stored.change.messageID) else { return nil }
        return Reaction(
            id: stored.change.id, messageID: record.id, conversation: record.conversation, parentID: record.parentID,
            reaction: stored.change.reaction, user: userView(stored.change.uid), at: stored.change.at)
    }

    // MARK: Replay

    func replayedEngagement(_ request: ReplayRequest, _ range: ClosedRange<Int64>) -> [ReplayPage.Item] {
        let given = reactions.compactMap { stored -> ReplayPage.Item? in
            guard range.contains(stored.seq), wasParty(to: stored.change.conversation, request.uid, at: stored.seq),
                !isOwn(request, stored.change.uid, stored.change.originSession)
            else { return nil }
            return event(of: stored).map { .reaction($0) }
        }
        let reached = completions.compactMap { stored -> ReplayPage.Item? in
            guard range.contains(stored.seq), stored.completion.author == request.uid,
                !isOwn(request, stored.uid, stored.completion.originSession)
            else { return nil }
            return event(of: stored).map { .completion($0) }
        }
        return (given + reached).sorted { $0.seq < $1.seq }
    }

    /// What happened at a position; nil: no reaction, or its message is no more.
    func reactionEvent(_ seq: Int64) -> ReactionEvent? {
        reactions.last { $0.seq == seq }.flatMap(event)
    }

    /// What happened at a position; nil: no goal was reached, or its message is no more.
    func completionEvent(_ seq: Int64) -> CompletionEvent? {
        completions.first { $0.seq == seq }.flatMap(event)
    }

    private func event(of stored: StoredReaction) -> ReactionEvent? {
        shown(stored).map { reaction in
            ReactionEvent(
                isAdded: stored.change.isAdded, reaction: reaction, seq: stored.seq,
                originSession: stored.change.originSession)
        }
    }

    private func event(of stored: StoredCompletion) -> CompletionEvent? {
        guard let record = message(stored.messageID) else { return nil }
        return CompletionEvent(
            messageID: record.id, conversation: record.conversation, author: record.sender,
            user: userView(stored.uid), interactions: interactions(record.id, stored.uid, through: stored.seq),
            seq: stored.seq, originSession: stored.completion.originSession)
    }

    private func wasParty(to conversation: Conversation, _ uid: UserID, at seq: Int64) -> Bool {
        switch conversation {
        case .pair(let first, let second): uid == first || uid == second
        case .group(let guid): wasMember(guid, uid, at: seq)
        }
    }

    private func isOwn(_ request: ReplayRequest, _ uid: UserID, _ session: SessionID?) -> Bool {
        request.session != nil && uid == request.uid && session == request.session
    }
}
