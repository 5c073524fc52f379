public import ChatModel
internal import Synchronization

/// Both ports in memory, for tests and simulation: each rule written in the plainest way, nothing indexed that need not
/// be. Any thread.
public final class InMemoryEventLog: EventLog, Store, Sendable {
    private struct State {
        var numbers: [String: AppNumber] = [:]
        var apps: [AppNumber: MemoryApp] = [:]
        var failure: LogFailure?
        var hooks: [AppNumber: [String: Int64]] = [:]
    }

    private let state = Mutex(State())
    private let bootID: String
    private let feedLinesKept: Int64

    /// See `SQLiteEventLog`.
    public init(bootID: String? = nil, feedLinesKept: Int64? = nil) {
        self.bootID = bootID ?? FeedRule.newBootID()
        self.feedLinesKept = feedLinesKept ?? FeedRule.linesKept
    }

    /// Makes every following write fail with `failure`, until it is called with nil.
    public func fail(_ failure: LogFailure?) {
        state.withLock { $0.failure = failure }
    }

    // MARK: EventLog

    public func commit(_ decisions: [LoggedDecision]) throws(LogFailure) -> [CommitOutcome] {
        let result = state.withLock { state -> Result<[CommitOutcome], LogFailure> in
            if let failure = state.failure { return .failure(failure) }
            return .success(decisions.map { state.apps[$0.app, default: MemoryApp()].apply($0, bootID: bootID) })
        }
        return try result.get()
    }

    public func reserve(_ app: AppNumber, through: Int64) throws(LogFailure) {
        let failure = state.withLock { state -> LogFailure? in
            if let failure = state.failure { return failure }
            guard state.apps[app] != nil else { return LogFailure(reason: "the store knows no app \(app.raw)") }
            state.apps[app]?.reserve(through: through)
            return nil
        }
        if let failure { throw failure }
    }

    public func keep(_ positions: [HookPosition]) throws(LogFailure) {
        let failure = state.withLock { state -> LogFailure? in
            if let failure = state.failure { return failure }
            for position in positions { state.hooks[position.app, default: [:]][position.name] = position.through }
            return nil
        }
        if let failure { throw failure }
    }

    public func maintain(nowSeconds: Int64) throws(LogFailure) -> Bool {
        let failure = state.withLock { state -> LogFailure? in
            if let failure = state.failure { return failure }
            for app in state.apps.keys { state.apps[app]?.pruneFeed(keeping: feedLinesKept) }
            return nil
        }
        if let failure { throw failure }
        return false
    }

    // MARK: Store

    public func number(ofApp id: String) throws(LogFailure) -> AppNumber {
        state.withLock { state in
            if let known = state.numbers[id] { return known }
            let number = AppNumber(Int32(state.numbers.count + 1))
            state.numbers[id] = number
            state.apps[number] = MemoryApp()
            return number
        }
    }

    public func positions(_ app: AppNumber) throws(LogFailure) -> LogPositions { snapshot(app).positions }

    public func load(_ key: EntityKey) throws(LogFailure) -> LoadedEntity {
        switch key {
        case .user(let app, let uid): .user(snapshot(app).loadUser(uid))
        case .group(let app, let guid): .group(snapshot(app).loadGroup(guid))
        case .pair(let app, let first, let second):
            .pair(snapshot(app).loadConversation(Conversation(sender: first, receiver: .user(second))))
        case .token(let app, let hash): .token(snapshot(app).tokens[hash])
        case .message(let app, let id): .message(snapshot(app).message(id))
        case .engagement(let app, let id, let uid): .engagement(snapshot(app).loadEngagement(id, uid))
        }
    }

    public func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage {
        snapshot(request.app).replay(request)
    }

    public func feed(_ query: FeedQuery) throws(LogFailure) -> FeedPage { snapshot(query.app).feedPage(query) }

    public func hookPositions(_ app: AppNumber) throws(LogFailure) -> [HookPosition] {
        let hooks = state.withLock { $0.hooks[app] ?? [:] }
        return hooks.sorted { $0.key < $1.key }.map { HookPosition(app: app, name: $0.key, through: $0.value) }
    }

    public func message(_ app: AppNumber, id: Int64, viewer: UserID?) throws(LogFailure) -> MessageView? {
        let app = snapshot(app)
        return app.message(id).map { app.view($0, viewer: viewer) }
    }

    public func reactions(_ query: ReactionQuery) throws(LogFailure) -> ReactionPage {
        snapshot(query.app).reactions(query)
    }

    public func history(_ query: HistoryQuery) throws(LogFailure) -> HistoryAnswer {
        snapshot(query.app).history(query)
    }

    public func conversations(_ query: ConversationQuery) throws(LogFailure) -> Page<ConversationView> {
        snapshot(query.app).conversations(query)
    }

    public func conversation(
        _ app: AppNumber, of viewer: UserID, with: Receiver
    ) throws(LogFailure) -> ConversationAnswer {
        snapshot(app).conversation(of: viewer, with: with)
    }

    public func unreadCounts(
        _ app: AppNumber, of viewer: UserID, _ kind: ConversationQuery.Kind?
    ) throws(LogFailure) -> [UnreadCount] {
        snapshot(app).unreadCounts(of: viewer, kind)
    }

    public func users(_ query: UserQuery) throws(LogFailure) -> Page<StoredUser> { snapshot(query.app).users(query) }

    public func user(_ app: AppNumber, _ uid: UserID) throws(LogFailure) -> StoredUser? {
        snapshot(app).storedUser(uid)
    }

    public func blocks(
        _ app: AppNumber, of viewer: UserID, among uids: [UserID]
    ) throws(LogFailure) -> [UserID: BlockStanding] {
        let app = snapshot(app)
        var found: [UserID: BlockStanding] = [:]
        for uid in uids {
            let standing = app.standing(of: viewer, to: uid)
            if standing != .clear { found[uid] = standing }
        }
        return found
    }

    public func groups(_ query: GroupQuery) throws(LogFailure) -> Page<GroupView> {
        snapshot(query.app).groups(query)
    }

    public func group(_ app: AppNumber, _ guid: GroupID, viewer: UserID?) throws(LogFailure) -> GroupView? {
        snapshot(app).group(guid, viewer: viewer)
    }

    public func members(_ query: MemberQuery) throws(LogFailure) -> Page<StoredMember> {
        snapshot(query.app).members(query)
    }

    public func bans(_ query: BanQuery) throws(LogFailure) -> Page<StoredBan> { snapshot(query.app).bans(query) }

    public func tokens(_ app: AppNumber, of uid: UserID) throws(LogFailure) -> [TokenRecord] {
        snapshot(app).tokens.values.filter { $0.uid == uid }.sorted {
            ($0.createdAt, $0.hash.bytes) < ($1.createdAt, $1.hash.bytes)
        }
    }

    public func token(_ app: AppNumber, _ hash: TokenHash) throws(LogFailure) -> TokenRecord? {
        snapshot(app).tokens[hash]
    }

    public func activeCalls(_ app: AppNumber) throws(LogFailure) -> [CallRecord] {
        snapshot(app).calls.filter { $0.status.isActive }
    }

    public func call(_ app: AppNumber, _ session: CallSessionID) throws(LogFailure) -> CallRecord? {
        snapshot(app).calls.first { $0.session == session }
    }

    /// A copy that no later commit changes.
    private func snapshot(_ app: AppNumber) -> MemoryApp {
        state.withLock { $0.apps[app] ?? MemoryApp() }
    }
}

private func < (a: (Int64, [UInt8]), b: (Int64, [UInt8])) -> Bool {
    a.0 == b.0 ? a.1.lexicographicallyPrecedes(b.1) : a.0 < b.0
}
