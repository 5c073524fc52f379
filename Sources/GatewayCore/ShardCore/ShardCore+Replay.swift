public import ChatModel
internal import DequeModule
internal import WireProtocol

/// The catching up of returning sessions. Paced: a page is read when the queue is below the soft limit.
extension ShardCore {
    /// Starts the replay that the session asked for, if it asked and there may be something.
    func startReplay(_ slot: Int, lastSeq: Int64?) {
        guard let lastSeq else { return }
        let position = tables.apps[Int(tables.sessions[slot].app)].position
        guard lastSeq < position else {
            // Beyond the log: as if current.
            return tables.append(ServerFrame.resumed(count: 0, complete: true, seq: position), .durable, to: slot)
        }
        tables.sessions[slot].replay = SessionReplay(lastSeq: lastSeq, through: position)
        tables.sessions[slot].phase = .replaying
        pumpReplay(slot)
    }

    /// Asks for the next page if it is time.
    func pumpReplay(_ slot: Int) {
        guard let replay = tables.sessions[slot].replay, !replay.isReading,
            replay.retryAtMs == .max || replay.retryAtMs <= tables.nowMs,
            tables.queues.allBytes(tables.sessions[slot].queue) < tables.rules.outboundSoftBytes,
            let session = tables.sessions[slot].sessionID
        else { return }
        let query = ReplayQuery(
            app: tables.apps[Int(tables.sessions[slot].app)].number, uid: tables.sessions[slot].uid,
            session: session, after: replay.after, through: replay.through,
            eventsMax: replay.wanted(tables.rules), bytesMax: tables.rules.outboundSoftBytes)
        if sink.replay(tables.sessions[slot].reference, query) {
            replay.isReading = true
            replay.retryAtMs = .max
        } else {
            postponeReplay(slot, replay)
        }
    }

    /// A page that was asked for; nil: it could not be read.
    public func replayPage(_ connection: ConnectionReference, _ page: EncodedReplayPage?) {
        guard let slot = tables.find(connection), tables.sessions[slot].phase == .replaying,
            let replay = tables.sessions[slot].replay
        else { return }
        replay.isReading = false
        guard let page else { return postponeReplay(slot, replay) }
        replay.failures = 0
        if page.hasGap { replay.noteGap() }
        for event in page.events {
            guard replay.admit(event.seq, limit: tables.rules.resumeLimit) else {
                return endStage(slot, replay, isComplete: false)
            }
            send(replay.takeAnswers(before: event.seq), slot)
            tables.append(event.frame, event.kind, to: slot, isReplay: true)
            tables.counters.replayed += 1
        }
        if let next = page.next {
            replay.after = next
            pumpReplay(slot)
        } else {
            endStage(slot, replay, isComplete: true)
        }
    }

    /// `isComplete`: all there was has been sent, so the session has everything up to `through`.
    private func endStage(_ slot: Int, _ replay: SessionReplay, isComplete: Bool) {
        if replay.stage == .missed {
            let frame = ServerFrame.resumed(
                count: replay.count, complete: isComplete && !replay.hasGap,
                seq: isComplete ? replay.through : replay.lastSent)
            tables.append(frame, .durable, to: slot, isReplay: true)
        }
        guard !replay.hasDropped else {
            replay.beginPassed(through: tables.apps[Int(tables.sessions[slot].app)].position)
            return pumpReplay(slot)
        }
        tables.sessions[slot].replay = nil
        tables.sessions[slot].phase = .live
        resumeReadingWithRoom(slot)
        for item in replay.held { tables.append(item.frame, item.kind, to: slot) }
        if !tables.sessions[slot].flags.contains(.isBackground) { tables.flushPresence(slot, budget: 0) }
    }

    private func send(_ answers: [SessionReplay.Held], _ slot: Int) {
        for answer in answers { tables.append(answer.frame, answer.kind, to: slot, isReplay: true) }
    }

    private func postponeReplay(_ slot: Int, _ replay: SessionReplay) {
        replay.failures += 1
        replay.retryAtMs = tables.nowMs + ShardRules.replayRetryMs
        if replay.failures > ShardRules.replayFailuresMax {
            close(slot, .overloaded)
        } else {
            tables.setDue(slot, tables.sessions[slot].dueMs)
        }
    }
}
