import ChatModel
import WireProtocol

/// Auth tokens: made, deleted, and what is cut with them (protocol.md §2).
extension ChatCore {
    func createToken(_ uid: UserID, _ hash: TokenHash, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn, authKeyToo: true)
        let user = try knownUser(uid, turn.app)
        guard user.record?.deactivatedAt == nil else { throw .deactivated }
        let record = TokenRecord(hash: hash, uid: uid, createdAt: turn.now)
        touch(insertToken(hash, record, turn.app), turn)
        add(&turn, [.token(record)])
        return .token(record, view(user, turn.app))
    }

    func deleteTokens(_ uid: UserID, _ hash: TokenHash?, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        let user = try knownUser(uid, turn.app)
        guard let hash else {
            voidTokens(of: uid, turn)
            cut(user, nil, turn)
            add(&turn, [.tokensDeleted(uid)], disconnectTokens(of: user, uid, turn))
            return .done
        }
        guard turn.app.tokens[hash]?.record?.uid == uid else { throw .voidCredential }
        delete(hash, uid, user, &turn)
        return .done
    }

    /// `DELETE me`. If that was the last device, the user is offline without grace.
    func logout(_ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        guard case .token(let hash) = turn.command.caller, let uid = user.record?.uid else { throw .noAccess }
        endGrace(user.handle, turn.app, turn.now)
        delete(hash, uid, user, &turn)
        return .done
    }

    private func delete(_ hash: TokenHash, _ uid: UserID, _ user: UserState, _ turn: inout Turn) {
        cut(user, hash, turn)
        touch(insertToken(hash, nil, turn.app), turn)
        add(&turn, [.tokenDeleted(hash)], [.disconnect(uid, token: hash, reason: .credentialRevoked)])
    }

    /// What was typed with the token ends with it; so does the trust in its sessions.
    private func cut(_ user: UserState, _ token: TokenHash?, _ turn: Turn) {
        guard let entry = turn.app.presence[user.handle] else { return }
        for session in sessions.list(head: entry.sessions) where session.token != nil {
            guard token == nil || session.token == token else { continue }
            endTyping(user.handle, from: session.connection, turn.app)
            sessions.revoke(session.connection)
        }
    }

    /// One closing per token in use: connections opened with a JWT of the app's own backend stay.
    private func disconnectTokens(of user: UserState, _ uid: UserID, _ turn: Turn) -> [Projection] {
        guard let entry = turn.app.presence[user.handle] else { return [] }
        let tokens = Set(sessions.list(head: entry.sessions).compactMap(\.token))
        return tokens.map { .disconnect(uid, token: $0, reason: .credentialRevoked) }
    }

    /// No token of the user known so far counts any more; nor any that a read under way may still bring.
    func voidTokens(of uid: UserID, _ turn: Turn) {
        for token in turn.app.tokens.values where token.record?.uid == uid {
            token.record = nil
            touch(token, turn)
        }
        turn.app.purges.append(AppContext.Purge(user: uid, decision: upcoming(turn)))
    }
}
