import ChatModel
import WireProtocol

/// Typing and transient events (protocol.md §3.4, §3.5). The core owns every typing end.
extension ChatCore {
    func typing(
        _ receiver: Receiver, started: Bool, _ metadata: JSONBytes?, _ turn: Turn
    ) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let app = turn.app
        guard started else {
            // Nothing to end: it was ended already, or never began.
            if let target = target(receiver, app), let entry = app.typing.remove(user.handle, target) {
                end(entry, user.handle, app, origin(turn, of: user), metadata)
            }
            return .done
        }
        if case .user(let uid) = receiver, standing(of: user, to: uid, app) != nil { return .done }
        guard let record = user.record, try mayReach(receiver, user, turn) else { return .done }
        var connection: ConnectionReference?
        if case .connection(let own) = turn.command.caller {
            // It has gone, or went to background, while this waited: nobody would end what starts now.
            guard let session = sessions.session(own), session.appState == .foreground else { return .done }
            connection = own
        }
        startTyping(receiver, user, record, connection, turn)
        output.emit(
            EphemeralEvent(
                app: app.number, user: view(user, app), origin: origin(turn, of: user),
                kind: .typing(receiver: receiver, started: true, metadata: metadata)))
        return .done
    }

    func transient(_ receiver: Receiver, _ data: JSONBytes, _ turn: Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        if case .user(let uid) = receiver { try refuseBlocked(user, uid, turn.app) }
        guard try mayReach(receiver, user, turn) else { return .done }
        output.emit(
            EphemeralEvent(
                app: turn.app.number, user: view(user, turn.app), origin: origin(turn, of: user),
                kind: .transient(receiver: receiver, data: data)))
        return .done
    }

    /// False: nobody is there to get it. An unknown user is nobody; a group one is no member of is refused.
    private func mayReach(_ receiver: Receiver, _ user: UserState, _ turn: Turn) throws(APIFailure) -> Bool {
        switch receiver {
        case .user(let uid):
            guard let handle = turn.app.users.handle(of: uid) else { return false }
            return (turn.app.presence[handle]?.count ?? 0) > 0
        case .group(let guid):
            let (group, record) = try knownGroup(guid, turn.app)
            try check(.send, by: user, in: group, record, turn.app)
            return true
        }
    }

    private func startTyping(
        _ receiver: Receiver, _ user: UserState, _ record: UserRecord, _ connection: ConnectionReference?, _ turn: Turn
    ) {
        let app = turn.app
        let deadline = turn.clock.monotonicMs + rules.typingTimeoutMs
        if let target = target(receiver, app), var entry = app.typing.entry(user.handle, target) {
            timers.move(entry.timer, to: deadline)
            entry.connection = connection
            entry.record = record
            return app.typing.set(user.handle, entry)
        }
        if let oldest = app.typing.oldest(user.handle), let entry = app.typing.remove(user.handle, oldest.target) {
            end(entry, user.handle, app, nil, nil)
        }
        // Typist and target are held until the end.
        app.users.retain(user.handle)
        let target: TypingBoard.Target =
            switch receiver {
            case .user(let uid): .user(app.users.acquire(uid))
            case .group(let guid): .group(app.groups.acquire(guid))
            }
        let timer = timers.arm(.typing(app.number, typist: user.handle, target), at: deadline)
        app.typing.set(
            user.handle, TypingBoard.Entry(target: target, connection: connection, record: record, timer: timer))
    }

    // MARK: Ends

    func typingTimedOut(_ app: AppNumber, _ typist: Int32, _ target: TypingBoard.Target) {
        guard let app = apps[app], let entry = app.typing.remove(typist, target) else { return }
        release(entry, typist, app, announce: true, nil, nil)
    }

    /// The connection left or went to background.
    func endTyping(_ typist: Int32, from connection: ConnectionReference, _ app: AppContext) {
        for target in app.typing.targets(typist, from: connection) {
            guard let entry = app.typing.remove(typist, target) else { continue }
            end(entry, typist, app, nil, nil)
        }
    }

    /// The typist sent a message there, or is no longer a member.
    func endTyping(_ typist: Int32, to receiver: Receiver, _ app: AppContext, _ origin: Origin?) {
        guard let target = target(receiver, app), let entry = app.typing.remove(typist, target) else { return }
        end(entry, typist, app, origin, nil)
    }

    /// The typist is gone.
    func endTyping(_ typist: Int32, _ app: AppContext) {
        for target in app.typing.targets(typist) {
            guard let entry = app.typing.remove(typist, target) else { continue }
            end(entry, typist, app, nil, nil)
        }
    }

    /// A block between the two begins: what the watcher sees of the typist ends now, as no later end would reach them.
    /// In groups it goes on for the others.
    func hideTyping(of typist: UserState, from watcher: UserState, _ app: AppContext) {
        for target in app.typing.targets(typist.handle) {
            switch target {
            case .user(watcher.handle):
                guard let entry = app.typing.remove(typist.handle, target) else { continue }
                end(entry, typist.handle, app, nil, nil)
            case .group(let handle):
                guard app.groups.entity(of: handle)?.members.slot(of: watcher.handle) != nil else { continue }
                output.emit(
                    EphemeralEvent(
                        app: app.number, user: view(typist, app), origin: nil,
                        kind: .typing(receiver: .group(app.groups.id(of: handle)), started: false, metadata: nil),
                        soleReceiver: app.users.id(of: watcher.handle)))
            case .user: continue
            }
        }
    }

    /// The group is deleted: nobody is left to be told.
    func dropTyping(in group: Int32, _ app: AppContext) {
        for typist in Array(app.typing.typists) {
            guard let entry = app.typing.remove(typist, .group(group)) else { continue }
            timers.cancel(entry.timer)
            release(entry, typist, app, announce: false, nil, nil)
        }
    }

    private func end(
        _ entry: TypingBoard.Entry, _ typist: Int32, _ app: AppContext, _ origin: Origin?, _ metadata: JSONBytes?
    ) {
        timers.cancel(entry.timer)
        release(entry, typist, app, announce: true, origin, metadata)
    }

    private func release(
        _ entry: TypingBoard.Entry, _ typist: Int32, _ app: AppContext, announce: Bool, _ origin: Origin?,
        _ metadata: JSONBytes?
    ) {
        if announce {
            let receiver: Receiver =
                switch entry.target {
                case .user(let handle): .user(app.users.id(of: handle))
                case .group(let handle): .group(app.groups.id(of: handle))
                }
            let presence = app.presence[typist]
            let shown = UserView(
                record: presence?.record ?? entry.record, online: presence != nil, lastActiveAt: presence?.activeAt)
            output.emit(
                EphemeralEvent(
                    app: app.number, user: shown, origin: origin,
                    kind: .typing(receiver: receiver, started: false, metadata: metadata)))
        }
        switch entry.target {
        case .user(let handle): app.users.release(handle)
        case .group(let handle): app.groups.release(handle)
        }
        app.users.release(typist)
    }

    private func target(_ receiver: Receiver, _ app: AppContext) -> TypingBoard.Target? {
        switch receiver {
        case .user(let uid): app.users.handle(of: uid).map { .user($0) }
        case .group(let guid): app.groups.handle(of: guid).map { .group($0) }
        }
    }
}
