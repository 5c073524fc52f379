internal import ChatModel
internal import WireProtocol

/// What was decided, and what passes by the log.
extension ShardCore {
    /// Walks a committed batch, in order. Batches come strictly in order, the same on every shard.
    public func walk(_ decisions: [WalkableDecision]) {
        for walkable in decisions {
            let decision = walkable.decision
            let app = tables.app(decision.app)
            if decision.seq != 0 { tables.apps[app].position = decision.seq }
            if let first = walkable.duplicate {
                if let reply = decision.reply {
                    self.reply(Reply(address: reply.address, body: .message(first, duplicate: true)), app: app)
                }
                continue
            }
            for (index, projection) in decision.projections.enumerated() {
                project(projection, walkable.frames[index], app: app)
            }
            if let reply = decision.reply { self.reply(reply, app: app) }
        }
    }

    /// Delivers ephemeral events, best effort.
    public func deliver(_ events: [EncodedEphemeral]) {
        for encoded in events {
            let event = encoded.event
            guard let app = tables.appByNumber[event.app] else { continue }
            let uid = event.user.record.uid
            switch event.kind {
            case .presence:
                tables.deliver(presence: encoded.frame, app: app, of: uid, role: event.user.record.role)
            case .typing(let receiver, _, _):
                let target = event.soleReceiver.map { .user($0) } ?? receiver
                tables.deliver(
                    fleeting: encoded.frame, app: app, to: target, from: uid, origin: event.origin, isTyping: true)
            case .transient(let receiver, _):
                tables.deliver(
                    fleeting: encoded.frame, app: app, to: receiver, from: uid, origin: event.origin, isTyping: false)
            }
        }
    }

    private func project(_ projection: Projection, _ frame: SharedFrame?, app: Int) {
        switch projection {
        case .message(let event):
            guard let frame else { return }
            let message = event.view.message
            switch (message.audience, message.receiver) {
            case (.sender, _):
                tables.deliver(frame, app: app, toSide: message.sender, sender: message.sender, origin: event.origin)
            case (.receiver, .user(let uid)):
                tables.deliver(frame, app: app, toSide: uid, sender: message.sender, origin: event.origin)
            case (.everyone, _), (.receiver, .group):
                tables.deliver(
                    frame, app: app, to: message.receiver, sender: message.sender, also: event.alsoTo,
                    origin: event.origin)
            }
        case .receipt(let event, let origin):
            guard let frame else { return }
            tables.deliver(
                receipt: frame, app: app, author: event.author, reader: event.reader?.record.uid, origin: origin)
        case .ownReceipt(let event, let origin):
            guard let frame else { return }
            tables.deliver(receipt: frame, app: app, author: nil, reader: event.reader?.record.uid, origin: origin)
        case .reaction(let event, let origin):
            guard let frame else { return }
            let reactor = event.reaction.user.record.uid
            tables.deliver(
                frame, app: app, to: event.reaction.conversation.receiver(from: reactor), sender: reactor, also: nil,
                origin: origin)
        case .completion(let event, let origin):
            guard let frame else { return }
            tables.deliver(
                completion: frame, app: app, author: event.author, user: event.user.record.uid, origin: origin)
        case .memberAdded(let guid, let uid):
            if let user = tables.apps[app].users.find(uid) { tables.apps[app].groups.join(guid, user) }
        case .memberRemoved(let guid, let uid):
            if let user = tables.apps[app].users.find(uid) { tables.apps[app].groups.leave(guid, user) }
        case .groupDeleted(let guid): tables.apps[app].groups.dissolve(guid)
        case .friendship(let one, let other, let exists):
            befriend(one, other, exists, app: app)
            befriend(other, one, exists, app: app)
        case .blocked(let one, let other, let isBlocked): tables.setBlocked(one, other, isBlocked, app: app)
        case .userForgotten(let uid):
            tables.apps[app].friends.dissolve(uid)
            tables.apps[app].blocked.dissolve(uid)
        case .disconnect(let uid, let token, let reason): disconnect(uid, token, reason, app: app)
        case .disconnectApp(let rate): disconnectApp(app, rate: rate)
        case .userChanged: break  // Events bring the record of their own moment; nothing is kept here.
        }
    }

    /// `uid` follows `friend`, if any of their sessions here follows friends.
    private func befriend(_ uid: UserID, _ friend: UserID, _ exists: Bool, app: Int) {
        guard let user = tables.apps[app].users.find(uid), tables.apps[app].users[user].friendFollowers > 0 else {
            return
        }
        if exists {
            tables.apps[app].friends.join(friend, user)
        } else {
            tables.apps[app].friends.leave(friend, user)
        }
    }

    private func disconnect(_ uid: UserID, _ token: TokenHash?, _ reason: CloseReason, app: Int) {
        guard let user = tables.apps[app].users.find(uid) else { return }
        let key = token.map(TokenKey.init)
        var next = tables.apps[app].users[user].firstSession
        while next != noSlot {
            let slot = Int(next)
            next = tables.sessions[slot].nextOfUser
            if key == nil || tables.sessions[slot].token == key { close(slot, reason) }
        }
    }

    // MARK: - Replies

    private func reply(_ reply: Reply, app: Int) {
        let connection = reply.address.connection
        guard connection.shard == shard else { return }
        guard let slot = tables.find(connection) else { return sink.answer(reply.address, reply.body) }
        let request = reply.address.request
        switch (tables.sessions[slot].phase, reply.body) {
        case (.connecting, .connected(let snapshot)): connected(slot, snapshot)
        case (.connecting, .connectRefused(let failure, let status, let reason)):
            connectRefused(slot, failure, status: status, close: reason)
        case (.connecting, .failed(let failure)):
            connectRefused(slot, failure, status: .unavailable, close: .overloaded)
        case (.replaying, _), (.live, _):
            guard request != RequestNumber.connect, let frame = answerFrame(slot, request, reply.body) else { return }
            deliver(answer: frame, slot, position: tables.apps[app].position)
        default: break  // The connection was closed since it asked.
        }
    }

    private func answerFrame(_ slot: Int, _ request: UInt64, _ body: ReplyBody) -> SharedFrame? {
        let ref = settle(slot, request)
        switch body {
        case .message(let view, let duplicate): return ShardFrames.ack(ref, view, duplicate: duplicate)
        case .failed(let failure): return ServerFrame.error(failure, ref: ref)
        default: return nil
        }
    }

    /// Answers of the core keep their place among the durable frames.
    private func deliver(answer frame: SharedFrame, _ slot: Int, position: Int64) {
        if let replay = tables.sessions[slot].replay {
            replay.hold(.init(frame: frame, kind: .durable, isAnswer: true, position: position), tables.rules)
        } else {
            tables.append(frame, .durable, to: slot)
        }
    }
}
