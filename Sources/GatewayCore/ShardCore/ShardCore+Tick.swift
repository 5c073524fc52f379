internal import ChatModel
public import WireProtocol

/// What happens because time passes.
extension ShardCore {
    /// Call it at least every `tickEveryMs`, after `setTime`.
    public func tick() {
        if tables.nowMs >= nextSweepMs {
            nextSweepMs = tables.nowMs + ShardRules.sweepMs
            sweep()
        }
        if tables.nowMs >= nextPresenceTickMs { tickPresence() }
        for due in closes.takeDue(nowMs: tables.nowMs, shard: Int(shard), shards: shards) {
            if let slot = tables.find(due.connection) { close(slot, due.reason, retryAfterMs: due.retryAfterMs) }
        }
    }

    public var tickEveryMs: Int64 { min(tables.rules.presenceTickMs, ShardRules.sweepMs) }

    private func sweep() {
        let now = tables.nowMs
        for slot in tables.dues.indices where tables.dues[slot] <= now { due(slot) }
        tables.queues.trim()
    }

    private func due(_ slot: Int) {
        let now = tables.nowMs
        switch tables.sessions[slot].phase {
        case .free, .closing: tables.dues[slot] = .max
        case .awaitingAuth: close(slot, .authTimeout)
        case .verifying, .connecting: refuseUnavailable(slot)
        case .replaying, .live:
            if tables.sessions[slot].expiresMs <= now { return close(slot, .credentialExpired) }
            if tables.sessions[slot].dueMs <= now { return close(slot, .noPing) }
            pumpReplay(slot)
            tables.setDue(slot, tables.sessions[slot].dueMs)
        }
    }

    private func tickPresence() {
        let elapsed = tables.nowMs - lastPresenceTickMs
        lastPresenceTickMs = tables.nowMs
        nextPresenceTickMs = tables.nowMs + tables.rules.presenceTickMs
        let perSecond = Int64(tables.rules.presencePerSecond)
        // A loop that was held up owes at most a second's worth.
        presenceBudget += perSecond * min(elapsed, 1_000)
        let budget = presenceBudget / 1_000
        presenceBudget -= budget * 1_000
        if budget == 0 { return }
        for app in tables.apps.indices { tables.tickPresence(app: app, budget: Int(budget)) }
    }
}

/// Ends for many, and news for all.
extension ShardCore {
    /// Closes all connections 4200, so many a second over all shards, each with its own time to come back, and every
    /// later one at once.
    public func drain(closesPerSecond rate: Int, handshakesPerSecond: Int) {
        isDraining = true
        closeAll(.draining, rate: rate, handshakesPerSecond: handshakesPerSecond) { _ in true }
    }

    /// Connections still to be closed by a drain or a paced disconnect.
    public var closesPending: Int { closes.count }

    func disconnectApp(_ app: Int, rate: Int) {
        closeAll(.disconnectedByBackend, rate: rate, handshakesPerSecond: 0) { $0.app == app && $0.user != noSlot }
    }

    /// Closes 4004 whoever has named the app, signed in or not yet.
    func closeAll(of app: Int) {
        closeAll(.unknownApp, rate: 0, handshakesPerSecond: 0) { $0.app == app }
    }

    private func closeAll(
        _ reason: CloseReason, rate: Int, handshakesPerSecond: Int, where isMeant: (borrowing Session) -> Bool
    ) {
        var connections: [ConnectionReference] = []
        for slot in tables.sessions.indices {
            let phase = tables.sessions[slot].phase
            if phase != .free, phase != .closing, isMeant(tables.sessions[slot]) {
                connections.append(tables.sessions[slot].reference)
            }
        }
        if connections.isEmpty { return }
        closes.add(
            .init(
                connections: connections, reason: reason, rate: rate == 0 ? 1_000_000_000 : rate,
                startMs: tables.nowMs - (rate == 0 ? 1_000 : 0), handshakesPerSecond: handshakesPerSecond))
        for due in closes.takeDue(nowMs: tables.nowMs, shard: Int(shard), shards: shards) {
            if let slot = tables.find(due.connection) { close(slot, due.reason, retryAfterMs: due.retryAfterMs) }
        }
    }

    /// Sends a frame to every session (throttle).
    public func broadcast(_ frame: SharedFrame) {
        for slot in tables.sessions.indices where tables.sessions[slot].phase.isEstablished {
            tables.append(frame, .control, to: slot)
        }
    }
}
