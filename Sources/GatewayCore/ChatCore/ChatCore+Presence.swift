import ChatModel
import WireProtocol

/// Who is online (protocol.md §3.3): the `PresenceMachine` of each user, its timer, and what the others are told.
extension ChatCore {
    /// A session begins. The caller has retained the user's handle for it. True: the user was offline.
    func enter(_ session: SessionTable.Session, _ user: UserState, _ record: UserRecord, _ turn: Turn) -> Bool {
        let app = turn.app
        if !app.presence.contains(user.handle) {
            // Held while the user is online, so that the handle means the same user all along.
            app.users.retain(user.handle)
            app.presence[user.handle] = PresenceBoard.Entry(record: record, activeAt: turn.now)
        }
        let action = app.presence.update(user.handle) { entry in
            sessions.insert(session, head: &entry.sessions)
            entry.record = record
            entry.activeAt = turn.now
            entry.isDeleted = false
            return entry.machine.handle(.connected)
        }
        switch action {
        case .announceOnline?:
            presenceTable.set(app.number, record.uid, lastActiveAt: turn.now)
            output.emit(
                EphemeralEvent(
                    app: app.number, user: view(user, app), origin: .connection(session.connection, session.id),
                    kind: .presence(online: true, atSeconds: turn.now)))
            return true
        case .disarmGrace?: disarmGrace(user.handle, app)
        default: break
        }
        return false
    }

    /// A session ends.
    func leave(_ session: SessionTable.Session, code: UInt16, _ app: AppContext, _ clock: CoreClock) {
        let atOnce = rules.presenceGraceMs <= 0 || session.isRevoked
        let now = app.seconds(clock)
        if let uid = app.presence[session.user]?.record.uid {
            let event = ConnectionEvent(
                kind: .disconnected(session.feedSession, code: code), uid: uid, at: now)
            decided += 1
            output.decide(
                Decision(app: app.number, at: now, changes: journal([event], of: app, decision: decided)))
        }
        let action = app.presence.update(session.user) { entry in
            _ = sessions.remove(session.connection, head: &entry.sessions)
            let action = entry.machine.handle(.disconnected(atOnce: atOnce))
            if entry.count == 0 { entry.activeAt = now }
            return action
        }
        switch action {
        case .armGrace?:
            let timer = timers.arm(
                .grace(app.number, user: session.user), at: clock.monotonicMs + rules.presenceGraceMs)
            _ = app.presence.update(session.user) { $0.timer = timer }
        case .announceOffline?: goOffline(session.user, app, now)
        default: break
        }
    }

    func graceExpired(_ app: AppNumber, _ user: Int32, _ clock: CoreClock) {
        guard let app = apps[app] else { return }
        let action = app.presence.update(user) { $0.machine.handle(.graceExpired) }
        if action == .announceOffline { goOffline(user, app, app.seconds(clock)) }
    }

    /// The user logged out, or is no longer: a grace period that runs ends now.
    func endGrace(_ user: Int32, _ app: AppContext, _ now: Int64) {
        let action = app.presence.update(user) { $0.machine.handle(.ended) }
        guard action == .disarmGraceAndAnnounceOffline else { return }
        disarmGrace(user, app)
        goOffline(user, app, now)
    }

    private func disarmGrace(_ user: Int32, _ app: AppContext) {
        guard let timer = app.presence[user]?.timer, timer >= 0 else { return }
        timers.cancel(timer)
        _ = app.presence.update(user) { $0.timer = -1 }
    }

    private func goOffline(_ user: Int32, _ app: AppContext, _ now: Int64) {
        guard let entry = app.presence[user] else { return }
        let uid = entry.record.uid
        app.presence[user] = nil
        decided += 1
        var changes = journal([ConnectionEvent(kind: .offline, uid: uid, at: now)], of: app, decision: decided)
        if entry.isDeleted {
            presenceTable.set(app.number, uid, lastActiveAt: nil)
        } else {
            presenceTable.leave(app.number, uid, lastActiveAt: entry.activeAt)
            departures.append(Departures.Departure(app: app.number, user: uid, decision: decided))
            changes.append(.lastActive(uid, at: entry.activeAt))
        }
        output.decide(Decision(app: app.number, at: now, changes: changes))
        if !entry.isDeleted {
            if let cached = app.users.entity(of: user) {
                cached.lastActiveAt = entry.activeAt
                cache.pin(cached.slot, through: decided, cost: cached.cost)
            }
        }
        output.emit(
            EphemeralEvent(
                app: app.number, user: UserView(record: entry.record, online: false, lastActiveAt: entry.activeAt),
                origin: nil, kind: .presence(online: false, atSeconds: now)))
        callsVanish(uid, app)
        app.users.release(user)
    }

    // MARK: Questions

    func presence(of uids: [UserID], _ turn: Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        return .presence(
            uids.compactMap { uid in known(uid, turn.app).map { describe($0.handle, uid, $0.lastActiveAt, turn.app) } })
    }

    /// Members who are online now; the others are left out.
    func onlineMembers(of guid: GroupID, _ turn: Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        let (group, _) = try knownGroup(guid, turn.app)
        let online = group.members.members.filter { turn.app.presence.contains($0.handle) }
        return .presence(
            online.map { describe($0.handle, turn.app.users.id(of: $0.handle), nil, turn.app) })
    }

    /// Of the groups that the caller may know of.
    func countOnline(_ guids: [GroupID], _ turn: Turn) throws(APIFailure) -> ReplyBody {
        let viewer = try actingUserOrSystem(turn)
        var counts: [GroupID: Int] = [:]
        for guid in guids {
            guard let group = turn.app.groups.entity(of: guid), let record = group.record else { continue }
            if let viewer, record.type == .secret, group.members.slot(of: viewer.handle) == nil { continue }
            counts[guid] = group.onlineCount(turn.app.presence, nowMs: turn.clock.monotonicMs)
        }
        return .onlineCounts(counts)
    }

    private func describe(_ user: Int32, _ uid: UserID, _ lastActiveAt: Int64?, _ app: AppContext) -> UserPresence {
        guard let entry = app.presence[user] else {
            return UserPresence(uid: uid, online: false, lastActiveAt: lastActiveAt, connections: [])
        }
        let live = sessions.list(head: entry.sessions).map { session in
            UserPresence.Live(
                session: session.id, deviceID: session.deviceID, platform: session.platform,
                appState: session.appState, connectedAt: session.connectedAt)
        }
        return UserPresence(uid: uid, online: true, lastActiveAt: entry.activeAt, connections: live)
    }
}
