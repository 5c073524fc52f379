import ChatModel

/// Entities on their way into the cache and out of it.
extension ChatCore {
    func request(_ key: EntityKey) {
        guard !loads.isLoading(key) else { return }
        loads.issued(key, committedThrough: committedThrough)
        output.load(key)
    }

    func take(_ key: EntityKey, _ entity: LoadedEntity?, _ clock: CoreClock) {
        switch loads.arrived(key) {
        case .unknown: return
        case .void: return request(key)
        case .fresh(let committed):
            guard let entity else { return refuseWaiting(on: key, clock) }
            install(key, entity, committed)
            advance([key], clock)
            dropUnknownMessage(key)
        }
    }

    private func install(_ key: EntityKey, _ entity: LoadedEntity, _ committed: UInt64) {
        switch (key, entity) {
        case (.user(let app, let uid), .user(let loaded)): install(uid, loaded, app)
        case (.group(let app, let guid), .group(let loaded)): install(guid, loaded, app, committed)
        case (.pair(let app, let first, let second), .pair(let loaded)):
            guard let app = apps[app] else { return }
            let slot = cache.reserveSlot()
            let state = PairState(key: PairState.Key(first: first, second: second), slot: slot, loaded)
            app.pairs[state.key] = state
            cache.fill(slot, .pair(app, state), cost: state.cost)
        case (.token(let app, let hash), .token(let loaded)):
            guard let app = apps[app] else { return }
            // The read may have missed that all tokens of the user were deleted.
            let isVoid = app.purges.contains { $0.user == loaded?.uid && $0.decision > committed }
            insertToken(hash, isVoid ? nil : loaded, app)
        case (.message(let app, let id), .message(let loaded)):
            guard let app = apps[app] else { return }
            let slot = cache.reserveSlot()
            // The read may have missed that its group was deleted.
            let isGone = app.dissolved.contains { loaded?.receiver == .group($0.group) && $0.decision > committed }
            let state = MessageState(id: id, slot: slot, record: isGone ? nil : loaded)
            app.messages[id] = state
            cache.fill(slot, .message(app, state), cost: state.cost)
        case (.engagement(let app, let id, let uid), .engagement(let loaded)):
            guard let app = apps[app] else { return }
            let slot = cache.reserveSlot()
            let state = EngagementState(key: EngagementState.Key(message: id, user: uid), slot: slot, loaded)
            app.engagements[state.key] = state
            cache.fill(slot, .engagement(app, state), cost: state.cost)
        default: preconditionFailure("the store answered with another kind of entity")
        }
    }

    @discardableResult
    func insertToken(_ hash: TokenHash, _ record: TokenRecord?, _ app: AppContext) -> TokenState {
        if let known = app.tokens[hash] {
            known.record = record
            return known
        }
        let slot = cache.reserveSlot()
        let state = TokenState(hash: hash, slot: slot, record: record)
        app.tokens[hash] = state
        cache.fill(slot, .token(app, state), cost: state.cost)
        return state
    }

    private func install(_ uid: UserID, _ loaded: LoadedUser, _ app: AppNumber) {
        guard let app = apps[app] else { return }
        let slot = cache.reserveSlot()
        let state = UserState(handle: app.users.acquire(uid), slot: slot)
        state.record = loaded.record
        state.lastActiveAt = loaded.lastActiveAt
        state.groups.reserveCapacity(loaded.memberships.count)
        for membership in loaded.memberships {
            // A cached group may be ahead of what the store showed: it was deleted, the user is no longer in it.
            if let group = app.groups.entity(of: membership.guid), group.members.slot(of: state.handle) == nil {
                continue
            }
            state.groups.append(app.groups.acquire(membership.guid))
        }
        for friend in loaded.friends {
            if let cached = app.users.entity(of: friend), cached.record == nil { continue }
            state.friends.append(app.users.acquire(friend))
        }
        installBlocks(loaded, state, app)
        app.users.setEntity(state, of: state.handle)
        if let record = loaded.record { _ = app.presence.update(state.handle) { $0.record = record } }
        cache.fill(slot, .user(app, state), cost: state.cost)
    }

    private func install(_ guid: GroupID, _ loaded: LoadedGroup, _ app: AppNumber, _ committed: UInt64) {
        guard let app = apps[app] else { return }
        let slot = cache.reserveSlot()
        let state = GroupState(handle: app.groups.acquire(guid), slot: slot)
        state.record = loaded.record
        state.members.reserve(loaded.members.count)
        for member in loaded.members {
            // Likewise a cached user: deleted, and the store has not shown it yet.
            if let user = app.users.entity(of: member.uid), !user.groups.contains(state.handle) { continue }
            state.members.append(
                MemberTable.Member(
                    handle: app.users.acquire(member.uid), scope: member.scope, joinedAt: member.joinedAt,
                    joinedSeq: member.joinedSeq))
        }
        for ban in loaded.bans {
            // The read may have missed that the user was deleted; who has the uid now is somebody else.
            if app.departures.contains(where: { $0.user == ban.uid && $0.decision > committed }) { continue }
            state.bans[ban.uid] = .banned(as: ban.scope)
        }
        state.latest = AuthoredLog(countMax: LoadedConversation.latestMax, loaded.conversation.latest)
        installMarks(loaded.conversation.marks, state, app)
        for pointer in loaded.conversation.readPointers {
            guard let handle = app.users.handle(of: pointer.reader), state.members.slot(of: handle) != nil else {
                continue
            }
            state.readPointers[handle] = pointer.messageID
        }
        app.groups.setEntity(state, of: state.handle)
        cache.fill(slot, .group(app, state), cost: state.cost)
    }

    private func installMarks(_ marks: [ReceiptMark], _ group: GroupState, _ app: AppContext) {
        guard !marks.isEmpty else { return }
        var delivered = group.members.members.map(\.joinedSeq)
        var read = delivered
        for mark in marks {
            switch (mark.reader, mark.kind) {
            case (nil, .delivered): group.deliveredToAll = max(group.deliveredToAll, mark.messageID)
            case (nil, .read): group.readByAll = max(group.readByAll, mark.messageID)
            case (let reader?, let kind):
                guard let handle = app.users.handle(of: reader), let slot = group.members.slot(of: handle) else {
                    continue
                }
                let index = Int(slot)
                delivered[index] = max(delivered[index], mark.messageID)
                if kind == .read { read[index] = max(read[index], mark.messageID) }
            }
        }
        group.receipts = ReceiptBoard(delivered: delivered, read: read)
    }

    /// That a message does not exist is true for this moment only.
    private func dropUnknownMessage(_ key: EntityKey) {
        guard case .message(let app, let id) = key, let app = apps[app], let state = app.messages[id],
            state.record == nil
        else { return }
        forget(.message(app, state))
    }

    // MARK: Pins and eviction

    /// The turn's next decision changes it.
    func touch(_ user: UserState, _ turn: Turn) {
        cache.pin(user.slot, through: upcoming(turn), cost: user.cost)
    }

    func touch(_ group: GroupState, _ turn: Turn) {
        cache.pin(group.slot, through: upcoming(turn), cost: group.cost)
    }

    func touch(_ pair: PairState, _ turn: Turn) {
        cache.pin(pair.slot, through: upcoming(turn), cost: pair.cost)
    }

    func touch(_ token: TokenState, _ turn: Turn) {
        cache.pin(token.slot, through: upcoming(turn), cost: token.cost)
    }

    func touch(_ message: MessageState, _ turn: Turn) {
        cache.pin(message.slot, through: upcoming(turn), cost: message.cost)
    }

    func touch(_ engagement: EngagementState, _ turn: Turn) {
        cache.pin(engagement.slot, through: upcoming(turn), cost: engagement.cost)
    }

    /// The turn's next decision deletes the group: its messages go with it.
    func forgetMessages(of guid: GroupID, _ turn: Turn) {
        turn.app.dissolved.append(AppContext.Dissolution(group: guid, decision: upcoming(turn)))
        for state in turn.app.messages.values where state.record?.receiver == .group(guid) {
            forget(.message(turn.app, state))
        }
    }

    func evict() {
        guard cache.costTotal > rules.cacheBytesMax else { return }
        let horizon = loads.horizon(committedThrough: committedThrough)
        while cache.costTotal > rules.cacheBytesMax,
            let entity = cache.candidate(horizon: horizon, isHeld: { lot.isQueued(Self.key(of: $0)) })
        {
            forget(entity)
        }
    }

    /// A purge that every read now under way has seen needs no memory.
    func trimPurges() {
        for app in apps.values where !app.purges.isEmpty || !app.departures.isEmpty {
            let horizon = loads.horizon(committedThrough: committedThrough)
            app.purges.removeAll { $0.decision <= horizon }
            app.departures.removeAll { $0.decision <= horizon }
        }
        for app in apps.values where !app.dissolved.isEmpty {
            let horizon = loads.horizon(committedThrough: committedThrough)
            app.dissolved.removeAll { $0.decision <= horizon }
        }
    }

    static func key(of entity: CachedEntity) -> EntityKey {
        switch entity {
        case .user(let app, let user): .user(app.number, app.users.id(of: user.handle))
        case .group(let app, let group): .group(app.number, app.groups.id(of: group.handle))
        case .pair(let app, let pair): .pair(app.number, first: pair.key.first, second: pair.key.second)
        case .token(let app, let token): .token(app.number, token.hash)
        case .message(let app, let message): .message(app.number, message.id)
        case .engagement(let app, let engagement):
            .engagement(app.number, message: engagement.key.message, engagement.key.user)
        }
    }

    func forget(_ entity: CachedEntity) {
        switch entity {
        case .user(let app, let user):
            for group in user.groups { app.groups.release(group) }
            for friend in user.friends { app.users.release(friend) }
            for other in user.blocks.keys { app.users.release(other) }
            app.users.setEntity(nil, of: user.handle)
            app.users.release(user.handle)
            cache.remove(user.slot)
        case .group(let app, let group):
            for member in group.members.members { app.users.release(member.handle) }
            app.groups.setEntity(nil, of: group.handle)
            app.groups.release(group.handle)
            cache.remove(group.slot)
        case .pair(let app, let pair):
            app.pairs[pair.key] = nil
            cache.remove(pair.slot)
        case .token(let app, let token):
            app.tokens[token.hash] = nil
            cache.remove(token.slot)
        case .message(let app, let message):
            app.messages[message.id] = nil
            cache.remove(message.slot)
        case .engagement(let app, let engagement):
            app.engagements[engagement.key] = nil
            cache.remove(engagement.slot)
        }
    }

    /// After a failed transaction: the store is the truth again.
    func dropCache() {
        for app in apps.values {
            var entities: [CachedEntity] = []
            app.users.forEachEntity { entities.append(.user(app, $0)) }
            app.groups.forEachEntity { entities.append(.group(app, $0)) }
            entities.append(contentsOf: app.pairs.values.map { .pair(app, $0) })
            entities.append(contentsOf: app.tokens.values.map { .token(app, $0) })
            entities.append(contentsOf: app.messages.values.map { .message(app, $0) })
            entities.append(contentsOf: app.engagements.values.map { .engagement(app, $0) })
            entities.forEach(forget)
            app.purges = []
            app.departures = []
            app.dissolved = []
            app.presence.restoreDeleted()
        }
        sessions.restoreRevoked()
        loads.voidAll()
        lot.restart()
        // What waited for something that was in memory waits for it again.
        for key in lot.queuedKeys { request(key) }
    }
}
