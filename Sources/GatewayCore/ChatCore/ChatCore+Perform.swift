import ChatModel
import WireProtocol

/// Who acts, and which rule decides the command. Everything `collectKeys` named is in memory here.
extension ChatCore {
    func perform(_ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        switch turn.command.operation {
        case .connect(let request): return connect(request, &turn)
        case .disconnected: return .done
        case .appState(let state): return try setAppState(state, turn)
        case .typing(let receiver, let started, let metadata):
            return try typing(receiver, started: started, metadata, turn)
        case .transient(let receiver, let data): return try transient(receiver, data, turn)
        case .receipt(let kind, let receiver, let id): return try receipt(kind, receiver, id, &turn)
        case .settleReceipts(let guid): return settleReceipts(guid, &turn)
        case .send(let draft): return try send(draft, &turn)
        case .markUnread(let receiver, let id): return try markUnread(receiver, id, &turn)
        case .hideConversation(let receiver): return try hideConversation(receiver, &turn)
        case .tagConversation(let receiver, let tags): return try tagConversation(receiver, tags, &turn)
        case .editMessage(let id, let edit): return try editMessage(id, edit, &turn)
        case .deleteMessage(let id): return try deleteMessage(id, &turn)
        case .react(let id, let reaction, let given): return try react(id, reaction, given: given, &turn)
        case .interact(let id, let elements, let terms): return try interact(id, elements, terms, &turn)
        case .createUser(let uid, let fields, let token): return try createUser(uid, fields, token, &turn)
        case .updateUser(let uid, let fields): return try updateUser(uid, fields, &turn)
        case .updateSelf(let fields): return try updateSelf(fields, &turn)
        case .deleteUser(let uid, let permanent): return try deleteUser(uid, permanent: permanent, &turn)
        case .createToken(let uid, let hash): return try createToken(uid, hash, &turn)
        case .deleteTokens(let uid, let hash): return try deleteTokens(uid, hash, &turn)
        case .logout: return try logout(&turn)
        case .addFriends(let uid, let others): return try setFriends(uid, others, exists: true, &turn)
        case .removeFriends(let uid, let others): return try setFriends(uid, others, exists: false, &turn)
        case .block(let others): return try setBlocks(others, exists: true, &turn)
        case .unblock(let others): return try setBlocks(others, exists: false, &turn)
        case .createGroup(let guid, let fields, let owner, let members, let bans):
            return try createGroup(guid, fields, owner: owner, members, bans: bans, &turn)
        case .updateGroup(let guid, let fields): return try updateGroup(guid, fields, &turn)
        case .transferGroup(let guid, let uid): return try transferGroup(guid, to: uid, &turn)
        case .deleteGroup(let guid): return try deleteGroup(guid, &turn)
        case .join(let guid, let hash): return try join(guid, passwordHash: hash, &turn)
        case .leave(let guid): return try leave(guid, &turn)
        case .addMembers(let guid, let members, let bans): return try addMembers(guid, members, bans: bans, &turn)
        case .kick(let guid, let uid): return try kick(guid, uid, &turn)
        case .ban(let guid, let uid): return try ban(guid, uid, &turn)
        case .unban(let guid, let uid): return try unban(guid, uid, &turn)
        case .changeScope(let guid, let uid, let scope): return try changeScope(guid, uid, to: scope, &turn)
        case .startCall(let draft): return try startCall(draft, &turn)
        case .updateCall(let session, let input): return try updateCall(session, input, &turn)
        case .callStep(let session, let input, let uid): return callStep(session, input, uid, &turn)
        case .disconnectUser(let uid, let token): return try disconnectUser(uid, token, &turn)
        case .disconnectApp(let rate): return try disconnectApp(rate: rate, &turn)
        case .presence(let uids): return try presence(of: uids, turn)
        case .onlineMembers(let guid): return try onlineMembers(of: guid, turn)
        case .countOnline(let guids): return try countOnline(guids, turn)
        }
    }

    // MARK: Who acts

    /// The user this command is made as. Keys and the system are nobody.
    func actingUser(_ turn: Turn) throws(APIFailure) -> UserState {
        switch turn.command.caller {
        case .connection(let connection):
            // The session may have been revoked while the command waited; its end alone takes nothing back.
            if let session = sessions.session(connection), session.isRevoked { throw .voidCredential }
            guard let uid = turn.uid, let user = known(uid, turn.app) else { throw .voidCredential }
            return try active(user)
        case .token(let hash):
            guard let token = turn.app.tokens[hash]?.record, let user = known(token.uid, turn.app) else {
                throw .voidCredential
            }
            return try active(user)
        case .backend(let uid?):
            guard let user = known(uid, turn.app) else { throw .unknown(user: uid) }
            return try active(user)
        case .backend(nil): throw APIFailure(.badRequest, "Name the acting user with onBehalfOf.")
        case .authKey: throw .noAccess
        }
    }

    /// nil: the backend acts as the system, which may do everything.
    func actingUserOrSystem(_ turn: Turn) throws(APIFailure) -> UserState? {
        if case .backend(nil) = turn.command.caller { return nil }
        return try actingUser(turn)
    }

    /// For what only the backend may do, or also a holder of the auth key.
    func requireAdministration(_ turn: Turn, authKeyToo: Bool = false) throws(APIFailure) {
        switch turn.command.caller {
        case .backend: return
        case .authKey where authKeyToo: return
        case .authKey, .connection, .token: throw .noAccess
        }
    }

    private func active(_ user: UserState) throws(APIFailure) -> UserState {
        guard user.record?.deactivatedAt == nil else { throw .deactivated }
        return user
    }

    /// The cached user, if there is such a user at all.
    func known(_ uid: UserID, _ app: AppContext) -> UserState? {
        guard let user = app.users.entity(of: uid), user.record != nil else { return nil }
        return user
    }

    func knownUser(_ uid: UserID, _ app: AppContext) throws(APIFailure) -> UserState {
        guard let user = known(uid, app) else { throw .unknown(user: uid) }
        return user
    }

    func knownGroup(_ guid: GroupID, _ app: AppContext) throws(APIFailure) -> (GroupState, GroupRecord) {
        guard let group = app.groups.entity(of: guid), let record = group.record else { throw .unknown(group: guid) }
        return (group, record)
    }

    func isClient(_ turn: Turn) -> Bool {
        switch turn.command.caller {
        case .connection, .token: true
        case .authKey, .backend: false
        }
    }

    /// Where the event comes from. A claimed session counts only if the acting user holds it.
    func origin(_ turn: Turn, of user: UserState) -> Origin? {
        switch turn.command.origin {
        case nil: return nil
        case .connection(let connection, _)?:
            guard case .connection(let own) = turn.command.caller, own == connection else { return nil }
            return turn.command.origin
        case .session(let id)?:
            return sessions.session(turn.app.number, id)?.user == user.handle ? turn.command.origin : nil
        }
    }

    func originSession(_ origin: Origin?) -> SessionID? {
        switch origin {
        case nil: nil
        case .connection(_, let session)?, .session(let session)?: session
        }
    }

    // MARK: Views

    func view(_ user: UserState, _ app: AppContext) -> UserView {
        guard let record = user.record else { preconditionFailure("only a user who exists is shown") }
        guard let entry = app.presence[user.handle] else {
            return UserView(record: record, online: false, lastActiveAt: user.lastActiveAt)
        }
        return UserView(record: record, online: true, lastActiveAt: entry.activeAt)
    }

    func view(_ group: GroupState, _ record: GroupRecord) -> GroupView {
        GroupView(record: record, membersCount: group.members.count)
    }

    func membership(_ member: MemberTable.Member, _ guid: GroupID, _ uid: UserID) -> Membership {
        Membership(
            guid: guid, uid: uid, scope: member.scope, joinedAt: member.joinedAt, joinedSeq: member.joinedSeq)
    }
}
