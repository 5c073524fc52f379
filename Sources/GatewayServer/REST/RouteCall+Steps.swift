internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import WireProtocol

/// The steps that routes are made of.
extension RouteCall {
    /// What a command holds on to besides the request's body, as an estimate for the credit.
    static let commandBytes = 512

    /// Posts a command in the caller's name; `then` makes the answer of whatever is no failure.
    func command(
        _ operation: Operation, then: @escaping @Sendable (ReplyBody) -> Response
    ) throws(APIFailure) -> RouteResult {
        try command(operation, next: { .answer(then($0)) })
    }

    /// The same, with another step after it.
    func command(
        _ operation: Operation, next: @escaping @Sendable (ReplyBody) -> RouteResult
    ) throws(APIFailure) -> RouteResult {
        let command = Command(app: app.number, caller: try identity.caller(), origin: origin, operation: operation)
        return .command(command, bytes: request.body.count + Self.commandBytes) { body in
            if case .failed(let failure) = body { return .answer(.failure(failure)) }
            return next(body)
        }
    }

    /// Posts a command that leaves nothing to show.
    func doing(_ operation: Operation) throws(APIFailure) -> RouteResult {
        try command(operation) { _ in .json(ResponseBody.done) }
    }

    /// Posts a command that is answered with a message, and shows that as the caller sees it, read back from the store; if
    /// it cannot be read, as the core showed it, since what was asked is done.
    func showing(
        _ operation: Operation, _ reactions: ReactionDetail = .ifAny
    ) throws(APIFailure) -> RouteResult {
        let command = Command(app: app.number, caller: try identity.caller(), origin: origin, operation: operation)
        return .command(command, bytes: request.body.count + Self.commandBytes) { body in
            switch body {
            case .failed(let failure): return .answer(.failure(failure))
            case .message(let view, _):
                return .job {
                    let viewer = try? self.viewer(in: services.store)
                    let stored = try? services.store.message(app.number, id: view.message.id, viewer: viewer)
                    let shown = self.view((stored ?? nil) ?? view)
                    return .answer(.json(ResponseBody.data { $0.message(shown, reactions: reactions) }))
                }
            default: return .answer(.unexpected)
            }
        }.rateLimited(perMinute: app.limits.sendsPerMinute ?? limits.sendsPerMinute)
    }

    /// Reads the store on the pool; failures become answers.
    func read(_ job: @escaping @Sendable (any Store) throws -> Response) -> RouteResult {
        reading { store in .answer(try job(store)) }
    }

    /// Reads the store on the pool, and goes on from there; failures become answers.
    func reading(_ job: @escaping @Sendable (any Store) throws -> RouteResult) -> RouteResult {
        .job { [services] in
            do {
                return try job(services.store)
            } catch let failure as APIFailure {
                return .answer(.failure(failure))
            } catch {
                let failure = APIFailure(.unavailable, "the store cannot be read; try again", retryAfterMs: 1_000)
                return .answer(.failure(failure))
            }
        }
    }

    // MARK: - Who looks (on the pool)

    /// The token's user or the one the backend acts for; nil for the backend itself.
    ///
    /// - Throws: `APIFailure` for an unknown token, a user who is gone, or no credential; `LogFailure`.
    func viewer(in store: any Store) throws -> UserID? {
        switch identity {
        case .token: return try signedIn(in: store).record.uid
        case .backend(let uid):
            if let uid, try store.user(app.number, uid) == nil {
                throw APIFailure(.uidNotFound, "onBehalfOf: there is no user \(uid)")
            }
            return uid
        case .authKey: throw APIFailure(.noAccess, "the auth key may not read this")
        case .none: throw APIFailure(.emptyAuthToken, "the header authToken is missing")
        }
    }

    /// The user whose auth token came with the request.
    func signedIn(in store: any Store) throws -> StoredUser {
        guard case .token(let hash) = identity else {
            throw APIFailure(.noAccess, "this takes a user's auth token")
        }
        guard let token = try store.token(app.number, hash), let user = try store.user(app.number, token.uid) else {
            throw APIFailure(.authTokenNotFound, "the auth token is unknown or was revoked")
        }
        guard user.record.deactivatedAt == nil else { throw APIFailure(.noAccess, "the user is deactivated") }
        return user
    }

    // MARK: - What is shown

    /// A stored user with what the store does not know: whether they are online.
    func view(_ user: StoredUser) -> UserView {
        UserView(record: user.record, online: false, lastActiveAt: user.lastActiveAt)
            .withPresence { services.presence.lastActive(app.number, $0) }
    }

    func view(_ message: MessageView) -> MessageView {
        message.withPresence { services.presence.lastActive(app.number, $0) }
    }

    func view(_ conversation: ConversationView) -> ConversationView {
        conversation.withPresence { services.presence.lastActive(app.number, $0) }
    }

    func view(_ reaction: Reaction) -> Reaction {
        reaction.withPresence { services.presence.lastActive(app.number, $0) }
    }

    /// With email and credits for the user themself and the backend.
    func detail(of uid: UserID, for viewer: UserID?) -> UserDetail {
        if case .backend = identity { return .own }
        return viewer == uid ? .own : .record
    }

    /// A page of a numbered list.
    static func pagination(_ page: PageNumber, total: Int, count: Int) -> Pagination {
        Pagination(total: total, count: count, perPage: page.size, currentPage: page.number)
    }
}

extension RouteResult {
    /// A refusal by the rate of `perMinute` is answered with what that is.
    func rateLimited(perMinute: Int) -> RouteResult {
        guard case .command(let command, let bytes, let then) = self else { return self }
        return .command(command, bytes: bytes) { reply in
            guard case .failed(let failure) = reply, failure.code == .tooManyRequests else { return then(reply) }
            return .answer(.rateLimited(failure, perMinute: perMinute))
        }
    }
}
