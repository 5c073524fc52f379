public import ChatModel
internal import WireProtocol

/// What clients send.
extension ShardCore {
    /// A whole text frame, valid UTF-8, within the frame limit.
    public func text(_ connection: ConnectionReference, _ bytes: Span<UInt8>) {
        guard let slot = tables.find(connection) else { return }
        let phase = tables.sessions[slot].phase
        if phase == .closing || !countFrame(slot) { return }

        let frame: ClientFrame
        do {
            // SAFETY: bytes have no padding.
            frame = try unsafe ClientFrame.decode(bytes.bytes, limits: tables.rules.limits)
        } catch {
            return refuse(slot, error)
        }
        if case .ping = frame {
            tables.counters.received.ping += 1
            return ping(slot)
        }
        switch phase {
        case .awaitingAuth:
            if case .auth(let request) = frame {
                tables.counters.received.auth += 1
                authenticate(slot, request)
            } else {
                close(slot, .notAuthenticated)
            }
        case .verifying, .connecting: hold(slot, bytes)
        case .replaying, .live: serve(slot, frame, size: bytes.count)
        case .closing, .free: break
        }
    }

    private func serve(_ slot: Int, _ frame: ClientFrame, size: Int) {
        switch frame {
        case .auth:
            tables.counters.received.auth += 1
            answer(slot, ref: nil, .init(.badRequest, "already authenticated"))
        case .ping: break
        case .appState(let state):
            tables.counters.received.appState += 1
            change(slot, to: state)
        case .typing(let receiver, let started, let metadata):
            tables.counters.received.typing += 1
            guard !tables.sessions[slot].flags.contains(.isBackground), countTyping(slot) else { return }
            _ = sink.post(
                command(slot, .typing(receiver: receiver, started: started, metadata: metadata)), bytes: size)
        case .transient(let receiver, let data):
            tables.counters.received.transient += 1
            post(slot, .transient(receiver: receiver, data: data), ref: nil, size: size)
        case .receipt(let kind, let receiver, let messageID):
            tables.counters.received.receipt += 1
            if kind == .read, tables.sessions[slot].flags.contains(.isBackground) {
                return answer(slot, ref: nil, .init(.appInBackground, "the app is in background"))
            }
            post(slot, .receipt(kind, receiver: receiver, messageID: messageID), ref: nil, size: size)
        case .message(let ref, let draft):
            tables.counters.received.message += 1
            post(slot, .send(draft), ref: ref, size: size)
        case .unknown(let type, let ref):
            tables.counters.received.unknown += 1
            answer(slot, ref: ref, .init(.badRequest, "type: \(type) is not known"))
        }
    }

    // MARK: - Ping and app state

    private func ping(_ slot: Int) {
        tables.append(ServerFrame.pong, .control, to: slot)
        guard tables.sessions[slot].phase.isEstablished else { return }
        tables.sessions[slot].lastPingMs = tables.nowMs
        tables.setDue(slot, tables.nowMs + pingAllowanceMs(slot))
        // The client is awake now, so this is when a background session gets what was coalesced for it.
        if tables.sessions[slot].flags.contains(.isBackground) {
            tables.flushPresence(slot, budget: tables.rules.presencePerSecond)
        }
    }

    func pingAllowanceMs(_ slot: Int) -> Int64 {
        tables.sessions[slot].flags.contains(.isBackground)
            ? tables.rules.backgroundTimeoutMs : tables.rules.pingTimeoutMs
    }

    private func change(_ slot: Int, to state: AppState) {
        let isBackground = tables.sessions[slot].flags.contains(.isBackground)
        guard isBackground != (state == .background) else { return }
        if state == .background {
            guard tables.sessions[slot].flags.contains(.isManual) else { return close(slot, .background) }
            tables.sessions[slot].flags.insert(.isBackground)
            tables.setDue(slot, tables.nowMs + tables.rules.backgroundTimeoutMs)
        } else {
            tables.sessions[slot].flags.remove(.isBackground)
            // Coming back is no ping: what was left stays, and the normal rule goes on from the last ping.
            tables.setDue(
                slot,
                max(tables.sessions[slot].dueMs, tables.sessions[slot].lastPingMs + tables.rules.pingTimeoutMs))
            tables.flushPresence(slot, budget: tables.rules.presencePerSecond)
        }
        _ = sink.post(command(slot, .appState(state)), bytes: 0)
    }

    // MARK: - Rates

    /// False: the frame was one too many, and the connection is closed 4102.
    private func countFrame(_ slot: Int) -> Bool {
        if tables.nowMs - tables.sessions[slot].minuteStartMs >= 60_000 {
            tables.sessions[slot].minuteStartMs = tables.nowMs
            tables.sessions[slot].frameCount = 0
            tables.sessions[slot].badFrameCount = 0
        }
        tables.sessions[slot].frameCount += 1
        let framesMax = appLimits(slot)?.framesPerMinute ?? tables.rules.limits.framesPerMinute
        guard Limits.exceeds(Int(tables.sessions[slot].frameCount), framesMax) else { return true }
        close(slot, .rateLimited)
        return false
    }

    /// False: past the rate, dropped without a word.
    private func countTyping(_ slot: Int) -> Bool {
        if tables.nowMs - tables.sessions[slot].secondStartMs >= 1_000 {
            tables.sessions[slot].secondStartMs = tables.nowMs
            tables.sessions[slot].typingCount = 0
        }
        tables.sessions[slot].typingCount += 1
        let typingMax = appLimits(slot)?.typingPerSecond ?? tables.rules.limits.typingPerSecond
        return !Limits.exceeds(Int(tables.sessions[slot].typingCount), typingMax)
    }

    /// What the session's app says of its limits; nil before `auth`.
    private func appLimits(_ slot: Int) -> AppLimits? {
        let app = tables.sessions[slot].app
        return app == noSlot ? nil : tables.apps[Int(app)].limits
    }

    private func refuse(_ slot: Int, _ refusal: FrameRefusal) {
        tables.counters.received.bad += 1
        guard tables.sessions[slot].phase != .awaitingAuth else {
            guard let echo = refusal.auth else { return close(slot, .notAuthenticated) }
            tables.append(ShardFrames.authRefused(echo, refusal.failure), .control, to: slot)
            return close(slot, .notAuthenticated, failure: refusal.failure)
        }
        if refusal.isBadFrame {
            tables.sessions[slot].badFrameCount += 1
            if Limits.exceeds(Int(tables.sessions[slot].badFrameCount), tables.rules.limits.badFramesPerMinute) {
                return close(slot, .tooManyErrors)
            }
        }
        answer(slot, ref: refusal.ref, refusal.failure)
    }

    private func hold(_ slot: Int, _ bytes: Span<UInt8>) {
        guard let opening = tables.sessions[slot].opening else { return }
        guard opening.held.count < ShardRules.heldFramesMax,
            opening.heldBytes + bytes.count <= ShardRules.heldBytesMax
        else { return close(slot, .rateLimited) }
        // It is counted again when it is served.
        tables.sessions[slot].frameCount -= 1
        opening.heldBytes += bytes.count
        opening.held.append(unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) })
    }

    // MARK: - Commands

    private func command(_ slot: Int, _ operation: Operation, request: UInt64? = nil) -> Command {
        let session = tables.sessions[slot]
        return Command(
            app: tables.apps[Int(session.app)].number, caller: .connection(session.reference),
            origin: session.sessionID.map { .connection(session.reference, $0) },
            replyTo: request.map { ReplyAddress(connection: session.reference, request: $0) }, operation: operation)
    }

    /// A command that is answered: a message with its ack, the others only when they fail. At the bound nothing more is
    /// read until half are answered: a client that floods is slowed by its own socket, and loses nothing.
    private func post(_ slot: Int, _ operation: Operation, ref: String?, size: Int) {
        let request = ref.map { remember(slot, $0) } ?? RequestNumber.withoutRef
        tables.sessions[slot].requestsInFlight += 1
        if requestsWaiting(slot) >= ShardRules.requestsInFlightMax { pauseReading(slot) }
        if !sink.post(command(slot, operation, request: request), bytes: size) {
            tables.counters.refused += 1
            answer(
                slot, ref: settle(slot, request),
                .init(.unavailable, "overloaded, try again later", retryAfterMs: 1_000))
        }
    }

    private func requestsWaiting(_ slot: Int) -> Int {
        Int(tables.sessions[slot].requestsInFlight) + (tables.sessions[slot].replay?.heldAnswers ?? 0)
    }

    /// Reads again when enough has been answered.
    func resumeReadingWithRoom(_ slot: Int) {
        guard tables.sessions[slot].phase.isEstablished, requestsWaiting(slot) <= ShardRules.requestsInFlightMax / 2
        else { return }
        resumeReading(slot)
    }

    private func remember(_ slot: Int, _ ref: String) -> UInt64 {
        let number = RequestNumber.firstWithRef + UInt64(tables.sessions[slot].lastRequest)
        tables.sessions[slot].lastRequest &+= 1
        tables.sessions[slot].requests.append(.init(number: number, ref: ref))
        return number
    }

    /// Takes the request off the books; its `ref`, if it had one.
    func settle(_ slot: Int, _ request: UInt64) -> String? {
        precondition(tables.sessions[slot].requestsInFlight > 0, "a command is answered once")
        tables.sessions[slot].requestsInFlight -= 1
        resumeReadingWithRoom(slot)
        guard request != RequestNumber.withoutRef,
            let index = tables.sessions[slot].requests.firstIndex(where: { $0.number == request })
        else { return nil }
        let found = tables.sessions[slot].requests.remove(at: index)
        // Nothing waits: nothing is kept for a session at rest.
        if tables.sessions[slot].requests.isEmpty { tables.sessions[slot].requests = [] }
        return found.ref
    }

    /// Refuses one frame.
    func answer(_ slot: Int, ref: String?, _ failure: APIFailure) {
        tables.append(ServerFrame.error(failure, ref: ref), .control, to: slot)
    }
}
