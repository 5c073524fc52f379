import ChatModel
import WireProtocol

/// Users and their lives (protocol.md §2, §8).
extension ChatCore {
    /// The sender of …ToAll events; nobody else may have the name.
    static var systemUID: UserID { UserID(trusted: "app_system") }

    func createUser(
        _ uid: UserID, _ fields: UserFields, _ token: TokenHash?, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        try requireUserFields(fields, turn)
        guard uid != Self.systemUID else { throw APIFailure(.badRequest, "The uid app_system is reserved.") }
        guard let name = fields.name else { throw APIFailure(.badRequest, "The field name is missing.") }
        let app = turn.app
        guard let user = app.users.entity(of: uid), user.record == nil else {
            throw APIFailure(.uidAlreadyExists, "There is a user \(uid.text) already.")
        }
        let record = UserRecord(
            uid: uid, name: name, avatar: fields.avatar, link: fields.link, role: fields.role ?? "default",
            metadata: fields.metadata, statusMessage: fields.statusMessage, tags: fields.tags ?? [],
            email: fields.email, credits: fields.credits, createdAt: turn.now,
            deactivatedAt: fields.deactivated == true ? turn.now : nil)
        user.record = record
        user.lastActiveAt = nil
        touch(user, turn)
        var changes: [Change] = [.user(record)]
        var issued: TokenRecord?
        if let token {
            let record = TokenRecord(hash: token, uid: uid, createdAt: turn.now)
            touch(insertToken(token, record, app), turn)
            changes.append(.token(record))
            issued = record
        }
        add(&turn, changes, [.userChanged(record)])
        return issued.map { .token($0, view(user, app)) } ?? .user(view(user, app))
    }

    func updateUser(_ uid: UserID, _ fields: UserFields, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireUserFields(fields, turn)
        return try change(try knownUser(uid, turn.app), uid, fields, &turn)
    }

    /// What users may say of themselves; the rest is the backend's to say, and is left as it is.
    func updateSelf(_ fields: UserFields, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        var own = UserFields()
        own.name = fields.name
        own.avatar = fields.avatar
        own.link = fields.link
        own.metadata = fields.metadata
        own.statusMessage = fields.statusMessage
        own.tags = fields.tags
        return try change(user, turn.app.users.id(of: user.handle), own, &turn)
    }

    private func change(
        _ user: UserState, _ uid: UserID, _ fields: UserFields, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        guard let old = user.record else { throw .unknown(user: uid) }
        let deactivatedAt: Int64? =
            switch fields.deactivated {
            case nil: old.deactivatedAt
            case true?: old.deactivatedAt ?? turn.now
            case false?: nil
            }
        let record = UserRecord(
            uid: uid, name: fields.name ?? old.name, avatar: fields.avatar ?? old.avatar,
            link: fields.link ?? old.link, role: fields.role ?? old.role, metadata: fields.metadata ?? old.metadata,
            statusMessage: fields.statusMessage ?? old.statusMessage, tags: fields.tags ?? old.tags,
            email: fields.email ?? old.email, credits: fields.credits ?? old.credits, createdAt: old.createdAt,
            updatedAt: turn.now, deactivatedAt: deactivatedAt)
        store(record, user, &turn)
        return .user(view(user, turn.app))
    }

    /// Not permanent: deactivates. The tokens of a deactivated user stay, and are refused until the user is brought back.
    func deleteUser(_ uid: UserID, permanent: Bool, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        let user = try knownUser(uid, turn.app)
        guard permanent else {
            var fields = UserFields()
            fields.deactivated = true
            _ = try updateUser(uid, fields, &turn)
            return .done
        }
        remove(user, uid, &turn)
        return .done
    }

    /// The auth key makes and changes users, but does not end or revive them.
    private func requireUserFields(_ fields: UserFields, _ turn: Turn) throws(APIFailure) {
        try requireAdministration(turn, authKeyToo: fields.deactivated == nil)
    }

    private func store(_ record: UserRecord, _ user: UserState, _ turn: inout Turn) {
        let isEnding = user.record?.deactivatedAt == nil && record.deactivatedAt != nil
        if isEnding { endCalls(of: record.uid, &turn) }
        user.record = record
        _ = turn.app.presence.update(user.handle) { $0.record = record }
        var projections: [Projection] = [.userChanged(record)]
        if isEnding {
            endSessions(user.handle, nil, turn)
            endTyping(user.handle, turn.app)
            endGrace(user.handle, turn.app, turn.now)
            projections.append(.disconnect(record.uid, token: nil, reason: .userGone))
        }
        touch(user, turn)
        add(&turn, [.user(record)], projections)
    }

    /// Their sessions accept nothing any more, and leave without grace when the shards have closed them.
    func endSessions(_ user: Int32, _ token: TokenHash?, _ turn: Turn) {
        guard let entry = turn.app.presence[user] else { return }
        sessions.revoke(head: entry.sessions, token: token)
    }

    /// The record goes, with tokens, friends, blocks and memberships; messages stay. Groups they owned belong to nobody from
    /// then on (the system's name stands for that): only the backend can delete them. A uid made again owns nothing.
    private func remove(_ user: UserState, _ uid: UserID, _ turn: inout Turn) {
        let app = turn.app
        endCalls(of: uid, &turn)
        endSessions(user.handle, nil, turn)
        endTyping(user.handle, app)
        _ = app.presence.update(user.handle) { $0.isDeleted = true }
        endGrace(user.handle, app, turn.now)
        presenceTable.settle(app.number, uid)
        voidTokens(of: uid, turn)

        let seq = app.positions.take()
        var changes: [Change] = []
        var projections: [Projection] = []
        var completions: [(group: GroupState, guid: GroupID, before: Floors, after: Floors)] = []
        for handle in user.groups {
            guard let group = app.groups.entity(of: handle), let record = group.record,
                let slot = group.members.slot(of: user.handle)
            else { continue }
            if record.owner == uid {
                let ownerless = record.owned(by: Self.systemUID)
                group.record = ownerless
                changes.append(.group(ownerless))
            }
            let before = floors(group)
            group.remove(slot: slot)
            app.users.release(user.handle)
            touch(group, turn)
            projections.append(.memberRemoved(record.guid, uid))
            if let before, let after = floors(group) { completions.append((group, record.guid, before, after)) }
        }
        for handle in user.groups { app.groups.release(handle) }
        user.groups = []
        dropFriends(of: user, turn)
        dropBlocks(of: user, turn)
        dropBans(of: uid, turn)
        changes.append(.userDeleted(uid))
        projections.append(.userForgotten(uid))
        projections.append(.disconnect(uid, token: nil, reason: .userGone))
        user.record = nil
        user.lastActiveAt = nil
        touch(user, turn)
        add(&turn, seq: seq, changes, projections)
        for done in completions { complete(done.group, done.guid, done.before, done.after, &turn) }
    }

    /// Groups that are not in memory, or on their way there, learn it from the store or from `departures`.
    private func dropBans(of uid: UserID, _ turn: Turn) {
        turn.app.departures.append(AppContext.Purge(user: uid, decision: upcoming(turn)))
        turn.app.groups.forEachEntity { group in
            guard group.bans.removeValue(forKey: uid) != nil else { return }
            touch(group, turn)
        }
    }
}
