import ChatModel
import WireProtocol

/// Sessions come and go (protocol.md §3.1, the core's share).
extension ChatCore {
    func connect(_ request: ConnectRequest, _ turn: inout Turn) -> ReplyBody {
        if pendingConnects.removeValue(forKey: request.connection) == true {
            return .connectRefused(.overloaded, status: .tooMany, close: .overloaded)
        }
        let app = turn.app
        var token: TokenHash?
        var expiresAt: Int64?
        switch request.credential {
        case .token(let hash):
            guard app.tokens[hash]?.record?.uid == request.uid else { return .badCredential }
            token = app.tokens[hash]?.hash
        case .appSigned(let uid, let end):
            guard uid == request.uid else { return .badCredential }
            expiresAt = end
        }
        guard let user = known(request.uid, app), let record = user.record else { return .badCredential }
        guard record.deactivatedAt == nil else {
            return .connectRefused(.deactivated, status: .forbidden, close: .userGone)
        }
        if let holder = sessions.session(app.number, request.session), holder.user != user.handle {
            let taken = APIFailure(.badRequest, "The session id belongs to another user.")
            return .connectRefused(taken, status: .malformed, close: .notAuthenticated)
        }
        let open = app.presence[user.handle]?.count ?? 0
        guard app.rules.connectionsPerUser == 0 || open < app.rules.connectionsPerUser else {
            let full = APIFailure(.tooManyRequests, "The user has \(open) connections, which is the limit.")
            return .connectRefused(full, status: .tooMany, close: .connectionLimit)
        }
        guard sessions.slot(of: request.connection) == nil else {
            let twice = APIFailure(.badRequest, "The connection is authenticated already.")
            return .connectRefused(twice, status: .malformed, close: .notAuthenticated)
        }

        app.users.retain(user.handle)
        let session = SessionTable.Session(request, app: app.number, user: user.handle, token: token)
        let isNewlyOnline = enter(session, user, record, turn)
        var events = [ConnectionEvent(kind: .connected(session.feedSession), uid: record.uid, at: turn.now)]
        if isNewlyOnline { events.append(ConnectionEvent(kind: .online, uid: record.uid, at: turn.now)) }
        add(&turn, journal(events, of: app, decision: upcoming(turn)))
        return .connected(
            SessionSnapshot(
                connection: request.connection, user: view(user, app), token: token, expiresAt: expiresAt,
                groups: user.groups.map { app.groups.id(of: $0) }, friends: user.friends.map { app.users.id(of: $0) },
                blocked: user.blocks.keys.map { app.users.id(of: $0) }))
    }

    /// The connection is gone. It may be one whose `connect` still waits, was refused, or was never seen.
    func disconnected(_ connection: ConnectionReference, code: UInt16, _ app: AppContext, _ clock: CoreClock) {
        if pendingConnects[connection] != nil { pendingConnects[connection] = true }
        guard let session = sessions.session(connection), session.app == app.number else { return }
        endTyping(session.user, from: connection, app)
        leave(session, code: code, app, clock)
        app.users.release(session.user)
    }

    func setAppState(_ state: AppState, _ turn: Turn) throws(APIFailure) -> ReplyBody {
        guard case .connection(let connection) = turn.command.caller,
            let session = sessions.session(connection)
        else { throw .noAccess }
        sessions.setAppState(state, of: connection)
        if state == .background { endTyping(session.user, from: connection, turn.app) }
        return .done
    }

    // MARK: The backend's hand

    func disconnectUser(_ uid: UserID, _ token: TokenHash?, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        _ = try knownUser(uid, turn.app)
        add(&turn, [], [.disconnect(uid, token: token, reason: .disconnectedByBackend)])
        return .done
    }

    func disconnectApp(rate: Int, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        add(&turn, [], [.disconnectApp(rate: rate)])
        return .done
    }
}

extension ReplyBody {
    /// Unknown, revoked, of another app or of another user: the client learns no more than that.
    fileprivate static var badCredential: ReplyBody {
        .connectRefused(.voidCredential, status: .unauthorized, close: .badCredential)
    }
}
