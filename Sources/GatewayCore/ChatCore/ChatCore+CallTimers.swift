import ChatModel

/// The steps of calls that nobody asks for: a ringing that lasts too long, and users who are gone.
///
/// Each such step is a command of the core's own (`callStep`): it waits for entities and positions as any other does, and
/// is tried again when it could not be served.
extension ChatCore {
    private static var retryMs: Int64 { 1_000 }

    // MARK: Hooks

    /// The user is offline: the last connection is gone, and the grace period over.
    func callsVanish(_ uid: UserID, _ app: AppContext) {
        for session in app.calls.sessions(of: uid) { queueCallStep(session, .vanish, uid, app.number) }
    }

    /// The user, or their membership of `guid`, is about to end. Decided before that is, so that the group still knows
    /// who left.
    func endCalls(of uid: UserID, in guid: GroupID? = nil, _ turn: inout Turn) {
        for session in turn.app.calls.sessions(of: uid) {
            guard let record = turn.app.calls[session]?.record else { continue }
            if let guid, record.facts.receiver != .group(guid) { continue }
            step(record, .removed, uid, &turn)
        }
        flush(&turn)
    }

    /// The group is deleted with all that was said in it: nobody is told.
    func dropCalls(in guid: GroupID, _ turn: Turn) {
        for session in turn.app.calls.sessions(of: guid) {
            guard let old = turn.app.calls[session]?.record else { continue }
            var record = old
            record.finish(.ended)
            turn.app.calls.set(record, decision: upcoming(turn))
            retime(old, record, turn)
        }
    }

    /// Who must be in memory to tell of the user's calls.
    func needCalls(of uid: UserID, _ app: AppContext) {
        for session in app.calls.sessions(of: uid) { needCall(session, app) }
    }

    func needCall(_ session: CallSessionID, _ app: AppContext) {
        guard let facts = app.calls[session]?.record.facts else { return }
        keys.append(.user(app.number, facts.initiator))
        switch facts.receiver {
        case .user(let callee): keys.append(.user(app.number, callee))
        case .group(let guid): keys.append(.group(app.number, guid))
        }
    }

    // MARK: Steps

    /// Handed in at the end of the input that is worked on now, so that no turn runs inside another.
    func queueCallStep(_ session: CallSessionID, _ input: CallInput, _ uid: UserID, _ app: AppNumber) {
        callSteps.append(
            Command(app: app, caller: .backend(onBehalfOf: nil), operation: .callStep(session, input, uid)))
    }

    func runCallSteps(_ clock: CoreClock) {
        while !callSteps.isEmpty {
            let steps = callSteps
            callSteps = []
            for command in steps {
                if let app = apps[command.app] { arrive(command, .none, app, clock) }
            }
        }
    }

    func callStep(_ session: CallSessionID, _ input: CallInput, _ uid: UserID, _ turn: inout Turn) -> ReplyBody {
        guard let record = turn.app.calls[session]?.record else { return .done }
        // They have come back meanwhile.
        if input == .vanish, let handle = turn.app.users.handle(of: uid), turn.app.presence.contains(handle) {
            return .done
        }
        step(record, input, uid, &turn)
        return .done
    }

    private func step(_ record: CallRecord, _ input: CallInput, _ uid: UserID, _ turn: inout Turn) {
        guard case .happened(let event) = judge(input, by: uid, record, turn.app) else { return }
        // What the callee did not do is told in the caller's name.
        move(record, event, by: event == .unanswered ? record.facts.initiator : uid, nil, &turn)
    }

    /// A step could not be served: the store cannot be read, or too much waits. It is still due.
    func postpone(_ session: CallSessionID, _ input: CallInput, _ uid: UserID, _ app: AppNumber) {
        _ = timers.arm(.call(app, session, input, uid), at: nowMs + Self.retryMs)
    }

    // MARK: Timers

    func callTimerFired(_ app: AppNumber, _ session: CallSessionID, _ input: CallInput, _ uid: UserID) {
        guard let context = apps[app] else { return }
        switch input {
        case .timeout: context.calls.setTimer(-1, of: session)
        case .vanish: context.calls.setAbsence(nil, of: uid, in: session)
        default: break
        }
        queueCallStep(session, input, uid, app)
    }

    /// The time is the caller's own from the beginning, also over a restart.
    func armRinging(_ session: CallSessionID, _ app: AppContext, atLeastMs: Int64, _ clock: CoreClock) {
        guard let entry = app.calls[session], entry.record.status == .initiated, entry.ringing < 0 else { return }
        let rangMs = max(app.seconds(clock) - entry.record.facts.initiatedAt, 0) * 1_000
        let leftMs = max(rules.callUnansweredMs - rangMs, atLeastMs)
        let timer = timers.arm(
            .call(app.number, session, .timeout, entry.record.facts.initiator), at: clock.monotonicMs + leftMs)
        app.calls.setTimer(timer, of: session)
    }

    /// Ends the timers that the new status has no use for, and begins those it has.
    func retime(_ old: CallRecord, _ new: CallRecord, _ turn: Turn) {
        guard let entry = turn.app.calls[new.session] else { return }
        if new.status != .initiated { stopRinging(entry, turn.app) }
        for (uid, _) in entry.absences where new.participant(uid) == nil { stopAbsence(uid, entry, turn.app) }
        // Who acts over REST alone holds no connection whose end could tell that they are gone.
        for participant in new.participants where old.participant(participant.uid) == nil {
            armAbsence(
                participant.uid, new.session, turn.app,
                at: turn.clock.monotonicMs + max(rules.presenceGraceMs, rules.callUnansweredMs))
        }
    }

    /// Unless the user is online.
    private func armAbsence(_ uid: UserID, _ session: CallSessionID, _ app: AppContext, at deadlineMs: Int64) {
        if let handle = app.users.handle(of: uid), app.presence.contains(handle) { return }
        guard let entry = app.calls[session], entry.absences[uid] == nil else { return }
        let timer = timers.arm(.call(app.number, session, .vanish, uid), at: deadlineMs)
        app.calls.setAbsence(timer, of: uid, in: session)
    }

    private func stopRinging(_ entry: CallBoard.Entry, _ app: AppContext) {
        guard entry.ringing >= 0 else { return }
        timers.cancel(entry.ringing)
        app.calls.setTimer(-1, of: entry.record.session)
    }

    private func stopAbsence(_ uid: UserID, _ entry: CallBoard.Entry, _ app: AppContext) {
        guard let timer = entry.absences[uid] else { return }
        timers.cancel(timer)
        app.calls.setAbsence(nil, of: uid, in: entry.record.session)
    }

    // MARK: Start and failure

    /// After a start or a failure: every active call has its timers. Users who are not online have the grace period to
    /// come (back).
    func reviveCalls(_ app: AppContext, _ clock: CoreClock) {
        guard let atLeastMs = app.callsToRevive else { return }
        app.callsToRevive = nil
        for session in app.calls.sessions {
            guard let record = app.calls[session]?.record, record.status.isActive else { continue }
            armRinging(session, app, atLeastMs: atLeastMs, clock)
            // Whose ringing call outlives a failure may never have held a connection: it rings on until it is unanswered.
            let isStart = atLeastMs == 0
            let expected = record.status == .ongoing ? record.users : isStart ? [record.facts.initiator] : []
            for uid in expected {
                armAbsence(uid, session, app, at: clock.monotonicMs + max(rules.presenceGraceMs, atLeastMs))
            }
        }
    }

    /// A transaction failed: calls stand where they stood, and what did not happen is tried again.
    func revertCalls(from number: UInt64) {
        for app in apps.values {
            app.calls.settle(through: number - 1)
            for entry in app.calls.revert(from: number) { cancelTimers(of: entry) }
            if app.calls.count > 0 { app.callsToRevive = Self.retryMs }
        }
    }

    func cancelTimers(of entry: CallBoard.Entry) {
        if entry.ringing >= 0 { timers.cancel(entry.ringing) }
        for timer in entry.absences.values { timers.cancel(timer) }
    }
}
