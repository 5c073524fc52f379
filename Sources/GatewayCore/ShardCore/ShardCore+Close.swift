internal import ChatModel
internal import WireProtocol

/// How connections end.
extension ShardCore {
    /// Takes the connection out of everything and queues its end: the `error` frame for 4xxx codes, then the close frame.
    ///
    /// A connection that keeps up still gets what was queued before; one that is blocked, or was too slow, only the end.
    ///
    /// - Parameter peerCode: what the peer closed with, where it did.
    func close(
        _ slot: Int, _ reason: CloseReason, failure: APIFailure? = nil, retryAfterMs: Int = 0, peerCode: UInt16? = nil
    ) {
        guard tables.sessions[slot].phase != .closing else { return }
        leave(slot, code: peerCode ?? reason.code)
        let queue = tables.sessions[slot].queue
        let keepsUp = reason != .slowConsumer && !tables.sessions[slot].flags.contains(.isBlocked)
        tables.queues.drop(lanes: keepsUp ? 2...3 : 0...3, of: queue)
        tables.sessions[slot].phase = .closing
        tables.sessions[slot].expiresMs = .max
        tables.setDue(slot, .max)
        if let usual = reason.failure {
            let failure = failure ?? APIFailure(usual.code, usual.message, retryAfterMs: retryAfterMs)
            tables.append(
                ServerFrame.error(failure, close: reason), .control, to: slot, lane: OutboundQueues.endingLane)
        }
        tables.append(
            ShardFrames.close(reason), .control, to: slot, opcode: .close, lane: OutboundQueues.endingLane)
        tables.counters.closed[reason, default: 0] += 1
        sink.closing(tables.sessions[slot].reference, reason)
    }

    /// The session ends for everyone else: no audience names it, and the core hears of it exactly once.
    func leave(_ slot: Int, code: UInt16) {
        if tables.sessions[slot].phase.isEstablished { tables.unlink(slot) }
        tables.sessions[slot].opening = nil
        tables.sessions[slot].replay = nil
        tables.sessions[slot].requests = []
        guard tables.sessions[slot].flags.contains(.isKnownToCore) else { return }
        tables.sessions[slot].flags.remove(.isKnownToCore)
        let reference = tables.sessions[slot].reference
        sink.postAlways(
            Command(
                app: tables.apps[Int(tables.sessions[slot].app)].number, caller: .connection(reference),
                operation: .disconnected(reference, code: code)))
    }
}
