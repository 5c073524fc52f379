internal import ChatModel
internal import GRDB

/// What a history query may look at.
struct HistoryScope {
    var sources: [MessageSource]
    /// Set when the sources are wider than the scope.
    var conversation: Int64?
    /// In a search, whose 1:1 conversations it goes through besides the sources: the index knows them together.
    var pairsOf: Int64?
    /// By conversation, the key up to which the viewer hid it.
    var hidden: [Int64: Int64] = [:]
    /// What messages must hold. The index may find more than that.
    var words: WordQuery?

    func admits(_ message: StoreReader.StoredMessage, _ key: Int64) -> Bool {
        guard conversation == nil || conversation == message.conversation else { return false }
        guard hidden.isEmpty || key > hidden[message.conversation] ?? 0 else { return false }
        return words?.matches(message.record) ?? true
    }

    /// Runs of a whole conversation, where the filters name what is rare in it.
    mutating func narrow(to query: HistoryQuery) {
        let types = Set(query.types)
        if !types.isEmpty, !types.contains("text"), types.count * sources.count <= Self.narrowedMax {
            sources = sources.flatMap { $0.narrowed { id in types.map { .type(conversation: id, $0) } } }
        } else if !query.categories.isEmpty, !query.categories.contains(.message) {
            let categories = Set(query.categories)
            sources = sources.flatMap { $0.narrowed { id in categories.map { .category(conversation: id, $0) } } }
        }
    }

    /// Sources past which more of them would cost more than they save.
    private static let narrowedMax = 8_192
}

extension MessageSource {
    fileprivate func narrowed(_ runs: (Int64) -> [Run]) -> [MessageSource] {
        guard case .conversation(let id) = run else { return [self] }
        return runs(id).map { MessageSource(run: $0, low: low, high: high) }
    }
}

enum ScopeAnswer {
    case open(HistoryScope)
    case closed(HistoryAnswer)

    static var nothing: ScopeAnswer { .closed(.page(HistoryPage(messages: [], next: nil))) }
}

extension StoreReader {
    /// What the query may look at between two keys.
    func scope(of query: HistoryQuery, _ low: Int64, _ high: Int64) throws -> ScopeAnswer {
        let answer = try wholeScope(of: query, low, high)
        guard case .open(var scope) = answer else { return answer }
        // Nothing is unread to nobody.
        if query.unreadOnly, query.viewer == nil { return .nothing }
        if let key = query.searchKey {
            let words = WordQuery(key)
            guard !words.isEmpty else { return .nothing }
            scope.words = words
            scope.sources = try searched(scope, words, query.app, low, high)
        }
        if scope.words == nil { scope.narrow(to: query) }
        return .open(scope)
    }

    private func wholeScope(of query: HistoryQuery, _ low: Int64, _ high: Int64) throws -> ScopeAnswer {
        let viewer = try query.viewer.map { try userID(query.app, $0) }
        switch query.scope {
        case .everything:
            guard let viewer else {
                let run = query.parentID.map { MessageSource.Run.thread(MessageKey.clamped(query.app, $0)) } ?? .app
                return .open(HistoryScope(sources: [MessageSource(run: run, low: low, high: high)]))
            }
            guard let viewer else { return .nothing }
            return .open(try everything(of: viewer, query, low, high))
        case .user(let uid):
            guard let other = try userID(query.app, uid) else { return .nothing }
            guard let viewer else {
                if query.searchKey != nil { return .open(HistoryScope(sources: [], pairsOf: other)) }
                return .open(HistoryScope(sources: try pairSources(of: other, low: low, high: high)))
            }
            guard let viewer, let place = try pairParticipation(viewer, with: other) else { return .nothing }
            return .open(try conversation(place.conversation, place, viewer, query, low, high))
        case .group(let guid):
            guard let id = try groupID(query.app, guid), let group = try storedGroup(id) else {
                return .closed(.unknownGroup)
            }
            guard let uid = query.viewer else { return .open(try conversation(id, nil, 0, query, low, high)) }
            guard let viewer = viewer ?? nil, let membership = try membership(id, guid, viewer, uid) else {
                return .closed(.notAMember(group.record.type))
            }
            let place = try groupParticipation(id, viewer, membership)
            return .open(try conversation(id, place, viewer, query, low, high))
        }
    }

    private func everything(
        of viewer: Int64, _ query: HistoryQuery, _ low: Int64, _ high: Int64
    ) throws -> HistoryScope {
        if query.unreadOnly {
            let sources = try participations(of: viewer, nil).compactMap { place -> MessageSource? in
                let read = MessageKey.clamped(query.app, try max(readThrough(place, viewer), place.joinedSeq - 1))
                guard let last = place.last, last > read else { return nil }
                return MessageSource(run: .conversation(place.conversation), low: max(low, read + 1), high: high)
            }
            return HistoryScope(sources: sources)
        }
        var scope =
            query.searchKey == nil
            ? HistoryScope(sources: try sources(of: viewer, query.app, low: low, high: high))
            : HistoryScope(sources: try stays(of: viewer, query.app, low: low, high: high), pairsOf: viewer)
        scope.hidden = try viewpoints(of: viewer).compactMapValues {
            $0.hiddenThrough > 0 ? MessageKey.clamped(query.app, $0.hiddenThrough) : nil
        }
        return scope
    }

    /// `place`: the viewer's, who may have hidden or read a part.
    private func conversation(
        _ id: Int64, _ place: Participation?, _ viewer: Int64, _ query: HistoryQuery, _ low: Int64, _ high: Int64
    ) throws -> HistoryScope {
        var low = low
        if let place {
            let read = query.unreadOnly ? try readThrough(place, viewer) : 0
            let gone = max(place.viewpoint.hiddenThrough, read)
            if gone > 0 { low = max(low, MessageKey.clamped(query.app, gone) + 1) }
        }
        guard let parent = query.parentID else {
            return HistoryScope(sources: [MessageSource(run: .conversation(id), low: low, high: high)])
        }
        let run = MessageSource.Run.thread(MessageKey.clamped(query.app, parent))
        return HistoryScope(sources: [MessageSource(run: run, low: low, high: high)], conversation: id)
    }
}
