import ChatModel
import WireProtocol

/// Which entities a command needs, as far as is known now.
extension ChatCore {
    /// Fills `keys`.
    func collectKeys(of parked: ParkedCommand, _ app: AppContext) {
        keys.removeAll(keepingCapacity: true)
        let acting = collectActor(parked, app)
        collect(parked.command.operation, acting, app)
    }

    /// Returns the acting user when known.
    private func collectActor(_ parked: ParkedCommand, _ app: AppContext) -> UserID? {
        if case .token(let hash) = parked.command.caller {
            keys.append(.token(app.number, hash))
            guard let uid = app.tokens[hash]?.record?.uid else { return nil }
            need(uid, app)
            return uid
        }
        if let uid = parked.uid { need(uid, app) }
        return parked.uid
    }

    private func collect(_ operation: Operation, _ acting: UserID?, _ app: AppContext) {
        switch operation {
        case .connect(let request):
            if case .token(let hash) = request.credential { keys.append(.token(app.number, hash)) }
            need(request.uid, app)
        case .disconnected, .appState, .logout, .updateSelf, .disconnectApp: break
        case .typing(let receiver, _, _), .transient(let receiver, _):
            if case .group(let guid) = receiver { need(guid, app) }
        case .receipt(let kind, let receiver, let id): collectReceipt(kind, receiver, id, acting, app)
        case .settleReceipts(let guid): need(guid, app)
        case .send(let draft):
            switch draft.receiver {
            case .user(let uid): need(uid, app)
            case .group(let guid): need(guid, app)
            }
            if let parent = draft.parentID, parent > 0, parent <= app.positions.last {
                keys.append(.message(app.number, parent))
            }
            for uid in draft.mentions { need(uid, app) }
        case .markUnread(let receiver, let id):
            if let latest = collectConversation(receiver, acting, app), id > 0, id <= app.positions.last,
                latest.author(of: id) == nil
            {
                keys.append(.message(app.number, id))
            }
        case .hideConversation(let receiver), .tagConversation(let receiver, _):
            if case .user(let uid) = receiver { need(uid, app) }
            _ = collectConversation(receiver, acting, app)
        case .editMessage(let id, let edit):
            collectMessage(id, app)
            for uid in edit.mentions { need(uid, app) }
        case .deleteMessage(let id):
            // Its thread loses a reply.
            if let parent = collectMessage(id, app)?.parentID { keys.append(.message(app.number, parent)) }
        case .react(let id, _, _), .interact(let id, _, _):
            if collectMessage(id, app) != nil, let acting {
                keys.append(.engagement(app.number, message: id, acting))
            }
        case .createUser(let uid, _, _), .createToken(let uid, _), .disconnectUser(let uid, _): need(uid, app)
        case .updateUser(let uid, let fields):
            need(uid, app)
            if fields.deactivated == true { needCalls(of: uid, app) }
        case .deleteUser(let uid, let permanent):
            need(uid, app)
            needCalls(of: uid, app)
            // Their groups lose a member, which may complete receipts there.
            if permanent, let user = app.users.entity(of: uid) {
                for group in user.groups { need(app.groups.id(of: group), app) }
            }
        case .deleteTokens(let uid, let hash):
            need(uid, app)
            if let hash { keys.append(.token(app.number, hash)) }
        case .addFriends(let uid, let others), .removeFriends(let uid, let others):
            need(uid, app)
            for other in others { need(other, app) }
        case .createGroup(let guid, _, let owner, let members, let bans):
            need(guid, app)
            if let owner { need(owner, app) }
            for member in members { need(member.uid, app) }
            for uid in bans { need(uid, app) }
        case .deleteGroup(let guid), .join(let guid, _), .onlineMembers(let guid), .updateGroup(let guid, _):
            need(guid, app)
        case .leave(let guid):
            need(guid, app)
            if let acting { needCalls(of: acting, app) }
        case .addMembers(let guid, let members, let bans):
            need(guid, app)
            for member in members { need(member.uid, app) }
            for uid in bans {
                need(uid, app)
                needCalls(of: uid, app)
            }
            needOwner(of: guid, acting, app)
        case .kick(let guid, let uid), .ban(let guid, let uid), .unban(let guid, let uid),
            .changeScope(let guid, let uid, _), .transferGroup(let guid, let uid):
            need(guid, app)
            need(uid, app)
            needCalls(of: uid, app)
            needOwner(of: guid, acting, app)
        case .presence(let uids), .block(let uids), .unblock(let uids): for uid in uids { need(uid, app) }
        case .countOnline(let guids): for guid in guids { need(guid, app) }
        case .startCall(let draft):
            switch draft.receiver {
            case .user(let uid): need(uid, app)
            case .group(let guid): need(guid, app)
            }
        case .updateCall(let session, _): needCall(session, app)
        case .callStep(let session, _, let uid):
            need(uid, app)
            needCall(session, app)
        }
    }

    /// The message and all that is shown of it; nil: it is not known yet.
    @discardableResult
    private func collectMessage(_ id: Int64, _ app: AppContext) -> MessageRecord? {
        guard id > 0, id <= app.positions.last else { return nil }
        keys.append(.message(app.number, id))
        guard let record = app.messages[id]?.record else { return nil }
        need(record.sender, app)
        switch record.receiver {
        case .user(let uid): need(uid, app)
        case .group(let guid): need(guid, app)
        }
        for uid in record.mentions { need(uid, app) }
        return record
    }

    private func collectReceipt(
        _ kind: ReceiptKind, _ receiver: Receiver, _ id: Int64, _ acting: UserID?, _ app: AppContext
    ) {
        guard let reader = acting else { return }
        let mark: Int64
        let latest: AuthoredLog
        switch receiver {
        case .group(let guid):
            need(guid, app)
            guard let group = app.groups.entity(of: guid), let handle = app.users.handle(of: reader),
                let slot = group.members.slot(of: handle)
            else { return }
            mark = group.mark(kind, slot: slot)
            latest = group.latest
        case .user(let other):
            let key = PairState.Key(reader, other)
            keys.append(.pair(app.number, first: key.first, second: key.second))
            guard let pair = app.pairs[key] else { return }
            mark = pair.mark(kind, reader)
            latest = pair.latest
        }
        // Only a mark that moves needs its message, and only one that is not among the newest is looked up.
        if id > mark, id <= app.positions.last, latest.author(of: id) == nil {
            keys.append(.message(app.number, id))
        }
    }

    /// Gives what it knows of the conversation's messages, once it is in memory.
    private func collectConversation(_ receiver: Receiver, _ acting: UserID?, _ app: AppContext) -> AuthoredLog? {
        switch receiver {
        case .group(let guid):
            need(guid, app)
            return app.groups.entity(of: guid)?.latest
        case .user(let other):
            guard let acting else { return nil }
            let key = PairState.Key(acting, other)
            keys.append(.pair(app.number, first: key.first, second: key.second))
            return app.pairs[key]?.latest
        }
    }

    /// The system acts in the owner's name.
    private func needOwner(of guid: GroupID, _ acting: UserID?, _ app: AppContext) {
        if acting == nil, let owner = app.groups.entity(of: guid)?.record?.owner { need(owner, app) }
    }

    private func need(_ uid: UserID, _ app: AppContext) {
        keys.append(.user(app.number, uid))
    }

    private func need(_ guid: GroupID, _ app: AppContext) {
        keys.append(.group(app.number, guid))
    }

    /// Where the entity stands in the cache; nil: it is not in memory.
    func cacheSlot(_ key: EntityKey, _ app: AppContext) -> Int32? {
        switch key {
        case .user(_, let uid): app.users.entity(of: uid)?.slot
        case .group(_, let guid): app.groups.entity(of: guid)?.slot
        case .pair(_, let first, let second): app.pairs[PairState.Key(first: first, second: second)]?.slot
        case .token(_, let hash): app.tokens[hash]?.slot
        case .message(_, let id): app.messages[id]?.slot
        case .engagement(_, let id, let uid): app.engagements[EngagementState.Key(message: id, user: uid)]?.slot
        }
    }
}
