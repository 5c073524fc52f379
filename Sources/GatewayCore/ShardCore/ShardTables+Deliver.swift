internal import ChatModel
internal import WireProtocol

/// The loops over audiences.
extension ShardTables {
    // MARK: - Durable

    /// To the receiver's or the members' sessions, and the sender's; `also`: one more user.
    mutating func deliver(
        _ frame: SharedFrame, app: Int, to receiver: Receiver, sender: UserID, also: UserID?, origin: Origin?
    ) {
        let senderNumber = apps[app].users.find(sender)
        let exclusion = Exclusion(origin, actor: senderNumber)
        switch receiver {
        case .user(let uid):
            let number = apps[app].users.find(uid)
            if let number { deliver(frame, .durable, app: app, user: number, except: exclusion) }
            if let senderNumber, senderNumber != number {
                deliver(frame, .durable, app: app, user: senderNumber, except: exclusion)
            }
            if let also = also.flatMap(apps[app].users.find), also != number, also != senderNumber {
                deliver(frame, .durable, app: app, user: also, except: exclusion)
            }
        case .group(let guid):
            if let audience = apps[app].groups.find(guid) {
                // The lists are not changed meanwhile, so holding on to them copies nothing.
                let members = apps[app].groups.audiences[audience].members
                for member in members {
                    deliver(frame, .durable, app: app, user: member.number, except: exclusion)
                }
            }
            if let senderNumber, !apps[app].groups.contains(guid, senderNumber) {
                deliver(frame, .durable, app: app, user: senderNumber, except: exclusion)
            }
            if let also = also.flatMap(apps[app].users.find), also != senderNumber,
                !apps[app].groups.contains(guid, also)
            {
                deliver(frame, .durable, app: app, user: also, except: exclusion)
            }
        }
    }

    /// To one of a message's two sides only.
    mutating func deliver(_ frame: SharedFrame, app: Int, toSide uid: UserID, sender: UserID, origin: Origin?) {
        guard let number = apps[app].users.find(uid) else { return }
        let exclusion = Exclusion(origin, actor: apps[app].users.find(sender))
        deliver(frame, .durable, app: app, user: number, except: exclusion)
    }

    /// To the author's and the reader's sessions; no author: the reader's only.
    mutating func deliver(receipt frame: SharedFrame, app: Int, author: UserID?, reader: UserID?, origin: Origin?) {
        let readerNumber = reader.flatMap { apps[app].users.find($0) }
        let exclusion = Exclusion(origin, actor: readerNumber)
        let authorNumber = author.flatMap { apps[app].users.find($0) }
        if let authorNumber { deliver(frame, .receipt, app: app, user: authorNumber, except: exclusion) }
        if let readerNumber, readerNumber != authorNumber {
            deliver(frame, .receipt, app: app, user: readerNumber, except: exclusion)
        }
    }

    /// To the author's sessions; `user`: whose doing it was.
    mutating func deliver(completion frame: SharedFrame, app: Int, author: UserID, user: UserID, origin: Origin?) {
        guard let authorNumber = apps[app].users.find(author) else { return }
        let exclusion = Exclusion(origin, actor: apps[app].users.find(user))
        deliver(frame, .durable, app: app, user: authorNumber, except: exclusion)
    }

    private mutating func deliver(
        _ frame: SharedFrame, _ kind: OutboundKind, app: Int, user: UInt32, except exclusion: Exclusion
    ) {
        var next = apps[app].users.entries[Int(user)].firstSession
        while next != noSlot {
            let slot = Int(next)
            next = sessions[slot].nextOfUser
            if sessions[slot].reference == exclusion.connection { continue }
            if user == exclusion.user, sessions[slot].sessionID == exclusion.session { continue }
            if sessions[slot].phase == .live {
                append(frame, kind, to: slot)
            } else {
                sessions[slot].replay?.hold(
                    .init(frame: frame, kind: kind, isAnswer: false, position: apps[app].position), rules)
            }
        }
    }

    // MARK: - Typing, transient

    /// To the receiver's sessions, or those of the other members; not to those in background, replaying or lagging.
    /// Typing in a group is kept from those in a block with the typist; one to one the core let nothing pass.
    mutating func deliver(
        fleeting frame: SharedFrame, app: Int, to receiver: Receiver, from uid: UserID, origin: Origin?, isTyping: Bool
    ) {
        let sender = apps[app].users.find(uid)
        let exclusion = Exclusion(origin, actor: sender)
        switch receiver {
        case .user(let uid):
            guard let number = apps[app].users.find(uid) else { return }
            deliver(fleeting: frame, app: app, user: number, except: exclusion)
        case .group(let guid):
            guard let audience = apps[app].groups.find(guid) else { return }
            let members = apps[app].groups.audiences[audience].members
            let deaf = isTyping ? deaf(to: uid, app: app) : nil
            for member in members where member.number != sender && !isDeaf(member.number, in: deaf, app: app) {
                deliver(fleeting: frame, app: app, user: member.number, except: exclusion)
            }
        }
    }

    private mutating func deliver(fleeting frame: SharedFrame, app: Int, user: UInt32, except exclusion: Exclusion) {
        var next = apps[app].users.entries[Int(user)].firstSession
        while next != noSlot {
            let slot = Int(next)
            next = sessions[slot].nextOfUser
            if sessions[slot].reference == exclusion.connection { continue }
            if user == exclusion.user, sessions[slot].sessionID == exclusion.session { continue }
            if sessions[slot].phase == .live, !sessions[slot].flags.contains(.isBackground), hasRoom(slot) {
                append(frame, .fleeting, to: slot)
            } else {
                counters.shed[Int(OutboundKind.fleeting.rawValue)] += 1
            }
        }
    }

    // MARK: - Presence

    /// To those who follow the user as a friend or by role, at once; for those who follow everybody into the journal.
    mutating func deliver(presence frame: SharedFrame, app: Int, of uid: UserID, role: String) {
        let about = apps[app].users.find(uid)
        let deaf = deaf(to: uid, app: app)
        if !apps[app].subscribers.isEmpty { apps[app].journal.record(uid, frame) }

        if let audience = apps[app].friends.find(uid) {
            let watchers = apps[app].friends.audiences[audience].members
            for watcher in watchers where watcher.number != about && !isDeaf(watcher.number, in: deaf, app: app) {
                var next = apps[app].users.entries[Int(watcher.number)].firstSession
                while next != noSlot {
                    let slot = Int(next)
                    next = sessions[slot].nextOfUser
                    if sessions[slot].following == .friends { deliver(presence: frame, of: uid, to: slot) }
                }
            }
        }
        if let audience = apps[app].roles.find(role) {
            let watchers = apps[app].roles.audiences[audience].members
            for watcher in watchers {
                let user = sessions[Int(watcher.number)].user
                if user == about || isDeaf(user, in: deaf, app: app) { continue }
                deliver(presence: frame, of: uid, to: Int(watcher.number))
            }
        }
    }

    private mutating func deliver(presence frame: SharedFrame, of uid: UserID, to slot: Int) {
        if takesPresence(slot), sessions[slot].pendingPresence == nil {
            append(frame, .presence, to: slot)
            return
        }
        if sessions[slot].pendingPresence == nil { sessions[slot].pendingPresence = PendingPresence() }
        counters.shed[Int(OutboundKind.presence.rawValue)] += 1
        _ = sessions[slot].pendingPresence?.store(uid, frame, max: ShardRules.presencePendingMax)
    }

    /// Whether presence goes out as it comes.
    func takesPresence(_ slot: Int) -> Bool {
        sessions[slot].phase == .live && !sessions[slot].flags.contains(.isBackground) && hasRoom(slot)
    }

    /// Sends what presence waited, as far as there is room: each user's latest state once. A background session gets it
    /// with its pings.
    mutating func flushPresence(_ slot: Int, budget: Int) {
        guard sessions[slot].phase == .live else { return }
        if sessions[slot].following == .everybody { readJournal(slot, budget: budget) }
        guard let pending = sessions[slot].pendingPresence else { return }
        let (app, user) = (Int(sessions[slot].app), sessions[slot].user)
        while hasRoom(slot), let (uid, frame) = pending.popFirst() {
            // A block may have begun since it was stored.
            if !isDeaf(user, in: deaf(to: uid, app: app), app: app) { append(frame, .presence, to: slot) }
        }
        if pending.isEmpty { sessions[slot].pendingPresence = nil }
    }

    /// One presence tick: each subscriber of everybody gets at most `budget` states; what all have read is forgotten.
    mutating func tickPresence(app: Int, budget: Int) {
        guard apps[app].journal.count > 0 else { return }
        var slowest = apps[app].journal.head
        for index in apps[app].subscribers.indices {
            let slot = Int(apps[app].subscribers[index])
            if takesPresence(slot), sessions[slot].presenceCursor < apps[app].journal.head {
                readJournal(slot, budget: budget)
            }
            slowest = min(slowest, sessions[slot].presenceCursor)
        }
        apps[app].journal.trim(before: slowest)
    }

    private mutating func readJournal(_ slot: Int, budget: Int) {
        guard hasRoom(slot) else { return }
        let (app, user) = (Int(sessions[slot].app), sessions[slot].user)
        let isInBlocks = apps[app].blocked.seatCount(user) > 0
        // Taken apart, because the loop appends to the queue.
        let journal = apps[app].journal
        var cursor = sessions[slot].presenceCursor
        journal.read(from: &cursor, except: sessions[slot].uid, budget: budget) { uid, frame in
            if isInBlocks, apps[app].blocked.contains(uid, user) { return }
            append(frame, .presence, to: slot)
        }
        sessions[slot].presenceCursor = cursor
    }
}
