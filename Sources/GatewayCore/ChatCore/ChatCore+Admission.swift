import ChatModel
import WireProtocol

/// When a command may go: all it needs in memory, nobody before it waiting for any of that, positions at hand.
extension ChatCore {
    /// Positions that the largest single command may take.
    private var headroom: Int64 { min(5_000, max(rules.sequenceBlock / 2, 1)) }

    func arrive(_ command: Command, _ credit: Credit, _ app: AppContext, _ clock: CoreClock) {
        var uid: UserID?
        switch (command.operation, command.caller) {
        case (.disconnected(let connection, let code), _):
            // Never waits: the truth about a connection is not in the store.
            disconnected(connection, code: code, app, clock)
            return conclude(command, credit, .done)
        case (.connect, _): break
        case (_, .connection(let connection)):
            guard let session = sessions.session(connection), !session.isRevoked, session.app == app.number else {
                return conclude(command, credit, .failed(.voidCredential))
            }
            uid = app.users.id(of: session.user)
        case (_, .backend(let onBehalfOf)): uid = onBehalfOf
        case (_, .token), (_, .authKey): break
        }
        arrivals += 1
        admit(ParkedCommand(command: command, credit: credit, uid: uid), arrivals, app, clock)
    }

    private func admit(_ parked: ParkedCommand, _ arrival: UInt64, _ app: AppContext, _ clock: CoreClock) {
        guard app.stalled.isEmpty, app.positions.remaining >= headroom else { return stall(parked, app) }
        collectKeys(of: parked, app)
        var mayGo = true
        for key in keys {
            if let slot = cacheSlot(key, app) { cache.use(slot) } else { mayGo = false }
            if !lot.isEmpty, lot.isQueued(key) { mayGo = false }
        }
        if mayGo { return run(parked, app, clock) }
        park(parked, arrival, app)
    }

    private func park(_ parked: ParkedCommand, _ arrival: UInt64, _ app: AppContext) {
        guard lot.count + stalledCount < rules.parkedMax,
            keys.allSatisfy({ lot.waiting(for: $0) < rules.parkedPerEntityMax })
        else { return refuse(parked, .overloaded) }
        lot.park(parked, arrival: arrival, keys: keys)
        markPending(parked)
        for key in keys where cacheSlot(key, app) == nil { request(key) }
    }

    /// Goes through all that may go now that something changed for `changed`.
    func advance(_ changed: [EntityKey], _ clock: CoreClock) {
        var work = changed
        while let key = work.popLast() {
            guard let ticket = lot.first(on: key), let app = apps[ticket.parked.command.app] else { continue }
            guard isReady(ticket, app) else { continue }
            // What it needs may have become more: a token names its user, a user its groups.
            collectKeys(of: ticket.parked, app)
            lot.add(keys, to: ticket.arrival)
            let missing = keys.filter { cacheSlot($0, app) == nil }
            missing.forEach(request)
            guard missing.isEmpty, let whole = lot.ticket(ticket.arrival),
                whole.keys.allSatisfy({ lot.isFirst(ticket.arrival, on: $0) })
            else { continue }
            lot.remove(ticket.arrival)
            work.append(contentsOf: whole.keys)
            if app.stalled.isEmpty, app.positions.remaining >= headroom {
                run(ticket.parked, app, clock)
            } else {
                stall(ticket.parked, app)
            }
        }
    }

    /// Whether all its keys so far are present and it is first on them. Remembers how far that held, so that a command
    /// with a thousand keys is not walked from the start a thousand times. What is missing is asked for, also again: an
    /// answer that is not kept (an unknown message) may have come while the command was not yet first.
    private func isReady(_ ticket: ParkingLot<ParkedCommand>.Ticket, _ app: AppContext) -> Bool {
        var checked = ticket.checked
        defer { lot.setChecked(checked, of: ticket.arrival) }
        while checked < ticket.keys.count {
            let key = ticket.keys[checked]
            guard lot.isFirst(ticket.arrival, on: key) else { return false }
            guard cacheSlot(key, app) != nil else {
                request(key)
                return false
            }
            checked += 1
        }
        return true
    }

    /// Refuses all that wait for the key; their other keys go on.
    func refuseWaiting(on key: EntityKey, _ clock: CoreClock) {
        var freed: [EntityKey] = []
        for ticket in lot.all(on: key) {
            lot.remove(ticket.arrival)
            freed.append(contentsOf: ticket.keys)
            refuse(ticket.parked, .unavailable)
        }
        advance(freed, clock)
    }

    // MARK: Positions

    private func stall(_ parked: ParkedCommand, _ app: AppContext) {
        guard lot.count + stalledCount < rules.parkedMax else { return refuse(parked, .overloaded) }
        app.stalled.append(parked)
        stalledCount += 1
        markPending(parked)
        reserveAhead(app)
    }

    func resumeStalled(_ app: AppContext, _ clock: CoreClock) {
        reserveAhead(app)
        let waiting = app.stalled
        app.stalled = []
        stalledCount -= waiting.count
        for parked in waiting {
            // An arrival of its own: it stands behind nobody who came later, as those are stalled behind it.
            arrivals += 1
            admit(parked, arrivals, app, clock)
        }
    }

    func refuseStalled(_ app: AppContext) {
        let waiting = app.stalled
        app.stalled = []
        stalledCount -= waiting.count
        for parked in waiting { refuse(parked, .unavailable) }
    }

    func reserveAhead(_ app: AppContext) {
        if let through = app.positions.reservationNeeded() { output.reserve(app.number, through: through) }
    }

    // MARK: Running

    private func markPending(_ parked: ParkedCommand) {
        if case .connect(let request) = parked.command.operation, pendingConnects[request.connection] == nil {
            pendingConnects[request.connection] = false
        }
    }

    func refuse(_ parked: ParkedCommand, _ failure: APIFailure) {
        if case .callStep(let session, let input, let uid) = parked.command.operation {
            return postpone(session, input, uid, parked.command.app)
        }
        if case .connect(let request) = parked.command.operation {
            pendingConnects[request.connection] = nil
            return conclude(
                parked.command, parked.credit, .connectRefused(failure, status: .tooMany, close: .overloaded))
        }
        conclude(parked.command, parked.credit, .failed(failure))
    }

    private func run(_ parked: ParkedCommand, _ app: AppContext, _ clock: CoreClock) {
        var turn = Turn(
            app: app, command: parked.command, credit: parked.credit, uid: parked.uid, clock: clock,
            now: app.seconds(clock))
        do throws(APIFailure) {
            let body = try perform(&turn)
            finish(&turn, body)
        } catch {
            finish(&turn, .failed(error))
        }
        reserveAhead(app)
    }
}
