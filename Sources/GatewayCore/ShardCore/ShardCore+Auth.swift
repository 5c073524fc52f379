public import ChatModel
internal import WireProtocol

/// From the `auth` frame to its answer.
extension ShardCore {
    func authenticate(_ slot: Int, _ request: AuthFrame) {
        let connection = tables.sessions[slot].reference
        guard let number = appNumbers[request.appID] else {
            return refuse(slot, request, .forbidden, .init(.invalidAppID, "unknown app"), .unknownApp)
        }
        guard sink.mayAuthenticate(connection) else {
            return refuse(
                slot, request, .tooMany, .init(.tooManyRequests, "too many attempts", retryAfterMs: 60_000),
                .rateLimited)
        }
        tables.sessions[slot].app = UInt32(tables.app(number))
        tables.sessions[slot].uid = request.sender
        tables.sessions[slot].sessionID = request.session
        tables.sessions[slot].opening = SessionOpening(request)
        tables.sessions[slot].phase = .verifying
        tables.setDue(slot, tables.nowMs + tables.rules.authTimeoutMs)
        pauseReading(slot)
        if !sink.verify(connection, credential: request.credential, sender: request.sender, app: number) {
            refuseUnavailable(slot)
        }
    }

    /// The pool's verdict on the credential.
    public func credentialVerified(_ connection: ConnectionReference, _ verdict: CredentialVerdict) {
        guard let slot = tables.find(connection), tables.sessions[slot].phase == .verifying,
            let request = tables.sessions[slot].opening?.request
        else { return }
        switch verdict {
        case .valid(let credential):
            tables.sessions[slot].phase = .connecting
            tables.sessions[slot].flags.insert(.isKnownToCore)
            let connect = ConnectRequest(
                connection: connection, session: request.session, uid: request.sender, credential: credential,
                deviceID: request.deviceID, platform: request.platform, appState: request.appState,
                connectedAt: tables.wallSeconds)
            sink.postAlways(
                Command(
                    app: tables.apps[Int(tables.sessions[slot].app)].number, caller: .connection(connection),
                    replyTo: ReplyAddress(connection: connection, request: RequestNumber.connect),
                    operation: .connect(connect)))
        case .expired:
            sink.authenticationFailed(connection)
            refuse(
                slot, request, .unauthorized, .init(.authTokenNotFound, "the credential has expired"),
                .credentialExpired)
        case .refused:
            sink.authenticationFailed(connection)
            refuse(
                slot, request, .unauthorized, .init(.authTokenNotFound, "the credential is not valid"),
                .badCredential)
        case .unavailable:
            refuseUnavailable(slot)
        }
    }

    /// The core knows the session: from this very place in the walk it is in the tables.
    func connected(_ slot: Int, _ snapshot: SessionSnapshot) {
        guard tables.sessions[slot].phase == .connecting, let opening = tables.sessions[slot].opening else { return }
        let request = opening.request
        let app = Int(tables.sessions[slot].app)
        let position = tables.apps[app].position

        tables.link(slot, app: app, uid: request.sender)
        let user = tables.sessions[slot].user
        tables.apps[app].groups.reserve(user, snapshot.groups.count)
        for guid in snapshot.groups { tables.apps[app].groups.join(guid, user) }
        tables.enter(blocked: snapshot.blocked, of: user, app: app)
        tables.sessions[slot].token = snapshot.token.map(TokenKey.init)
        if let expiresAt = snapshot.expiresAt {
            tables.sessions[slot].expiresMs = tables.nowMs + max(expiresAt - tables.wallSeconds, 0) * 1_000
        }
        if request.mode == .manual { tables.sessions[slot].flags.insert(.isManual) }
        tables.sessions[slot].lastPingMs = tables.nowMs
        tables.sessions[slot].phase = .live
        tables.append(
            ShardFrames.authAccepted(request, seq: position, pingTimeoutMs: tables.rules.pingTimeoutMs), .control,
            to: slot)

        if request.appState == .background {
            tables.sessions[slot].flags.insert(.isBackground)
            guard request.mode == .manual else { return close(slot, .background) }
        }
        tables.setDue(slot, tables.nowMs + pingAllowanceMs(slot))
        subscribe(slot, request, friends: snapshot.friends)
        startReplay(slot, lastSeq: request.resumeAfter)
        tables.sessions[slot].opening = nil
        serve(held: opening.held, slot)
    }

    private func subscribe(_ slot: Int, _ request: AuthFrame, friends: [UserID]) {
        switch request.presence {
        case .none: break
        case .allUsers: tables.follow(slot, .everybody)
        case .friends: tables.follow(slot, .friends, friends: friends)
        case .roles(let roles): tables.follow(slot, .roles, roles: roles)
        }
    }

    private func serve(held: [[UInt8]], _ slot: Int) {
        let connection = tables.sessions[slot].reference
        resumeReading(slot)
        for bytes in held { text(connection, bytes.span) }
    }

    /// The refusal: the `auth` answer, then the `error` frame, then the close.
    func refuse(
        _ slot: Int, _ request: AuthFrame, _ status: AuthStatus, _ failure: APIFailure, _ reason: CloseReason
    ) {
        tables.append(ShardFrames.authRefused(request, status, failure), .control, to: slot)
        close(slot, reason, failure: failure)
    }

    /// Nobody could decide about the session in time.
    func refuseUnavailable(_ slot: Int) {
        guard let request = tables.sessions[slot].opening?.request else { return }
        refuse(
            slot, request, .unavailable, .init(.unavailable, "try again later", retryAfterMs: 1_000), .overloaded)
    }

    /// The core refused the session, or could not decide.
    func connectRefused(_ slot: Int, _ failure: APIFailure, status: AuthStatus, close reason: CloseReason) {
        guard tables.sessions[slot].phase == .connecting, let request = tables.sessions[slot].opening?.request else {
            return
        }
        if status == .unauthorized { sink.authenticationFailed(tables.sessions[slot].reference) }
        refuse(slot, request, status, failure, reason)
    }

    func pauseReading(_ slot: Int) {
        guard !tables.sessions[slot].flags.contains(.isReadingPaused) else { return }
        tables.sessions[slot].flags.insert(.isReadingPaused)
        sink.pauseReading(tables.sessions[slot].reference)
    }

    func resumeReading(_ slot: Int) {
        guard tables.sessions[slot].flags.contains(.isReadingPaused) else { return }
        tables.sessions[slot].flags.remove(.isReadingPaused)
        sink.resumeReading(tables.sessions[slot].reference)
    }
}
