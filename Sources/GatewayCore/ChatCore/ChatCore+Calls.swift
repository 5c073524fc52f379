import ChatModel
import WireProtocol

/// Calls (protocol.md §6.2): who may begin one, and what each step tells whom. `CallMachine` judges the steps,
/// `ChatCore+CallTimers` makes those that nobody asks for.
extension ChatCore {
    func startCall(_ draft: CallDraft, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let user = try actingUser(turn)
        guard let caller = user.record?.uid else { throw .voidCredential }
        guard draft.receiver != .user(caller) else { throw APIFailure(.callingSelf, "Nobody calls themself.") }
        try chargeSend(caller, turn)
        try checkCallReceiver(draft.receiver, user, turn)
        let facts = CallFacts(
            session: draft.session, initiator: caller, receiver: draft.receiver, type: draft.type,
            initiatedAt: turn.now, metadata: draft.metadata, muid: draft.muid)
        if let muid = draft.muid, isRepeated(muid, caller, turn) {
            // The log knows the muid and answers with the first message; this one never is.
            let view = callMessage(.initiated, facts, by: caller, nil, origin(turn, of: user), turn)
            add(&turn, seq: view.message.id, [.message(view.message)])
            return .message(view, duplicate: true)
        }
        guard app.calls.count < rules.callsPerApp else { throw .overloaded }
        guard app.calls[draft.session] == nil else { throw APIFailure(.badRequest, "The session id is in use.") }
        try checkBusy(facts, user, &turn)
        let view = decide(.initiated, CallRecord(facts: facts), by: caller, origin(turn, of: user), &turn)
        armRinging(draft.session, app, atLeastMs: 0, turn.clock)
        return .message(view, duplicate: false)
    }

    func updateCall(
        _ session: CallSessionID, _ input: CallInput, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        guard let uid = user.record?.uid else { throw .voidCredential }
        guard let record = turn.app.calls[session]?.record else {
            throw APIFailure(.callSessionNotFound, "There is no call \(session.text).")
        }
        let outcome = judge(input, by: uid, record, turn.app)
        if case .group = record.facts.receiver, outcome.isRepeatable { try chargeSend(uid, turn) }
        if case .happened(.ongoing) = outcome { try checkRoom(in: record, for: uid, turn.app) }
        switch outcome {
        case .happened(let event):
            return .message(move(record, event, by: uid, origin(turn, of: user), &turn), duplicate: false)
        case .refused(.notAPart): throw APIFailure(.callNotAPart, "The user is not in this call.")
        case .refused(.terminated):
            throw APIFailure(.callTerminated, "The call is over: \(record.status.rawValue).")
        case .refused(.wrongMoment), .nothing:
            throw APIFailure(.badRequest, "status: cannot be that of a call that is \(record.status.rawValue).")
        }
    }

    // MARK: Judging

    private func checkCallReceiver(
        _ receiver: Receiver, _ user: UserState, _ turn: Turn
    ) throws(APIFailure) {
        switch receiver {
        case .user(let uid):
            _ = try knownUser(uid, turn.app)
            try refuseBlocked(user, uid, turn.app)
        case .group(let guid):
            let (group, record) = try knownGroup(guid, turn.app)
            try check(.call, by: user, in: group, record, turn.app)
        }
    }

    /// The caller began an active call with this muid: the answer was lost, and they ask again.
    private func isRepeated(_ muid: String, _ caller: UserID, _ turn: Turn) -> Bool {
        turn.app.calls.sessions(of: caller).contains { session in
            guard let facts = turn.app.calls[session]?.record.facts else { return false }
            // After a day the log would take the muid for a new message's.
            return facts.muid == muid && facts.initiator == caller && turn.now - facts.initiatedAt < 86_000
        }
    }

    /// 1:1 calls are one at a time. The busy callee hears nothing of it; the caller's other devices and the history do.
    private func checkBusy(_ facts: CallFacts, _ user: UserState, _ turn: inout Turn) throws(APIFailure) {
        let calls = turn.app.calls
        guard let callee = facts.callee else {
            guard calls.groupCallCount(of: facts.initiator) < rules.groupCallsPerUser else {
                throw .limit("groupCallsPerUser", rules.groupCallsPerUser)
            }
            return
        }
        guard calls.call(of: facts.initiator) == nil else {
            throw APIFailure(.callBusySelf, "The caller is in a call already.")
        }
        guard calls.call(of: callee) != nil else { return }
        let missed = CallRecord(facts: facts, status: .busy)
        let view = callMessage(.busy, facts, by: facts.initiator, nil, origin(turn, of: user), turn)
        add(
            &turn, seq: view.message.id, [.call(missed), .message(view.message)],
            [.message(MessageEvent(view: view, origin: origin(turn, of: user)))])
        throw APIFailure(.callBusyUser, "The user is in a call.")
    }

    private func checkRoom(in record: CallRecord, for uid: UserID, _ app: AppContext) throws(APIFailure) {
        guard record.facts.isGroupCall else { return }
        guard rules.participantsPerCall == 0 || record.participants.count < rules.participantsPerCall else {
            throw .limit("participantsPerCall", rules.participantsPerCall)
        }
        guard app.calls.groupCallCount(of: uid) < rules.groupCallsPerUser else {
            throw .limit("groupCallsPerUser", rules.groupCallsPerUser)
        }
    }

    func judge(_ input: CallInput, by uid: UserID, _ record: CallRecord, _ app: AppContext) -> CallMachine.Outcome {
        var machine = CallMachine(
            isGroupCall: record.facts.isGroupCall, status: record.status, present: record.participants.count)
        return machine.handle(input, by: party(uid, record, app))
    }

    private func party(_ uid: UserID, _ record: CallRecord, _ app: AppContext) -> CallMachine.Party {
        switch record.facts.receiver {
        case .user(let callee):
            return uid == record.facts.initiator ? .initiator : uid == callee ? .callee : .stranger
        case .group(let guid):
            if record.participant(uid) != nil { return .participant }
            if record.status == .initiated, uid == record.facts.initiator { return .initiator }
            guard let handle = app.users.handle(of: uid), let group = app.groups.entity(of: guid),
                group.members.slot(of: handle) != nil
            else { return .stranger }
            return .member
        }
    }

    // MARK: Making it so

    /// Moves the call by what happened; gives its message.
    @discardableResult
    func move(
        _ old: CallRecord, _ event: CallEvent, by uid: UserID, _ origin: Origin?, _ turn: inout Turn
    ) -> MessageView {
        var next = old
        next.apply(event, by: uid, at: turn.now)
        let joinedAt = next.participant(uid)?.joinedAt ?? old.participant(uid)?.joinedAt
        let view = decide(event, next, by: uid, joinedAt: joinedAt, origin, &turn)
        retime(old, next, turn)
        return view
    }

    /// One decision: where the call stands, and the message that tells of it.
    private func decide(
        _ event: CallEvent, _ record: CallRecord, by uid: UserID, joinedAt: Int64? = nil, _ origin: Origin?,
        _ turn: inout Turn
    ) -> MessageView {
        let view = callMessage(event, record.facts, by: uid, joinedAt, origin, turn)
        turn.app.calls.set(record, decision: upcoming(turn))
        add(
            &turn, seq: view.message.id, [.call(record), .message(view.message)],
            [.message(MessageEvent(view: view, origin: origin))])
        return view
    }

    /// Sent by who acted, to the other side. Its body is made of the subject when it is encoded.
    private func callMessage(
        _ event: CallEvent, _ facts: CallFacts, by uid: UserID, _ joinedAt: Int64?, _ origin: Origin?, _ turn: Turn
    ) -> MessageView {
        let receiver: Receiver =
            if let callee = facts.callee { .user(uid == callee ? facts.initiator : callee) } else { facts.receiver }
        let isFirst = event == .initiated
        let action = CallAction(event: event, by: uid, call: facts, joinedAt: joinedAt)
        let message = MessageRecord(
            id: turn.app.positions.take(), muid: isFirst ? facts.muid : nil, sender: uid, receiver: receiver,
            category: .call, type: facts.type.rawValue, data: .callData(isFirst ? facts.metadata : nil),
            sentAt: turn.now, originSession: originSession(origin), subject: .call(action))
        let call = CallView(
            action: action, initiator: shown(facts.initiator, turn.app), receiver: shown(facts.receiver, turn.app))
        return MessageView(
            message: message, sender: shown(uid, turn.app), receiver: shown(receiver, turn.app), on: .call(call))
    }

    private func shown(_ receiver: Receiver, _ app: AppContext) -> MessageView.Party {
        switch receiver {
        case .user(let uid): .user(shown(uid, app))
        case .group(let guid):
            if let group = app.groups.entity(of: guid), let record = group.record {
                .group(view(group, record))
            } else {
                .group(
                    GroupView(
                        record: GroupRecord(
                            guid: guid, name: guid.text, type: .secret, owner: Self.systemUID, createdAt: 0),
                        membersCount: 0))
            }
        }
    }
}

extension CallMachine.Outcome {
    /// What a member may do to a group over and over: bounded like sending.
    fileprivate var isRepeatable: Bool {
        switch self {
        case .happened(.ongoing), .happened(.rejected), .happened(.busy): true
        default: false
        }
    }
}

extension JSONBytes {
    /// The stored body of a call message: what the caller sent along, and nothing else.
    fileprivate static func callData(_ metadata: JSONBytes?) -> JSONBytes {
        guard let metadata else { return JSONBytes(validated: Array("{}".utf8)) }
        return JSONBytes(validated: Array(#"{"metadata":"#.utf8) + metadata.bytes + [UInt8(ascii: "}")])
    }
}
