internal import ChatModel
internal import Reactor
internal import WireProtocol

/// The steps of setting and of giving a group's password. The password goes to the key derivation and nowhere else.
extension RouteCall {
    private static let overloaded = APIFailure(
        .unavailable, "too many passwords are being checked; try again", retryAfterMs: 1_000)
    private static let wrong = APIFailure(.wrongGroupPass, "password: that is not the group's")

    /// Hashes a new password; `then` makes the command that sets it. The caller must be known: strangers make no work.
    func hashing(
        _ password: String, then: @escaping @Sendable (String) throws(APIFailure) -> RouteResult
    ) -> RouteResult {
        reading { store in
            let uid = try viewer(in: store)
            if let refusal = charge(uid) { return .answer(refusal) }
            return .task { [desk = services.passwords] in
                guard let hash = await desk.derive(password) else {
                    giveBack(uid)
                    return .answer(.failure(Self.overloaded))
                }
                do throws(APIFailure) { return try then(hash) } catch { return .answer(.failure(error)) }
            }
        }
    }

    /// Checks a password against the hash it must match; `then` goes on with what it opens.
    func matching(
        _ password: String, _ hash: String, of uid: UserID?,
        then: @escaping @Sendable () throws(APIFailure) -> RouteResult
    ) -> RouteResult {
        if let refusal = charge(uid) { return .answer(refusal) }
        return .task { [desk = services.passwords] in
            let isRight = await desk.matches(password, hash)
            if isRight != false { giveBack(uid) }
            guard let isRight else { return .answer(.failure(Self.overloaded)) }
            guard isRight else { return .answer(.failure(Self.wrong)) }
            do throws(APIFailure) { return try then() } catch { return .answer(.failure(error)) }
        }
    }

    /// Client interfaces only: what the backend does is its own affair.
    private var perMinute: Int {
        if case .token = identity { limits.passwordsPerMinute } else { 0 }
    }

    private func charge(_ uid: UserID?) -> Response? {
        guard let uid, perMinute > 0 else { return nil }
        let wait = services.passwords.attempts.take(
            app.number, uid, perMinute: perMinute, nowMs: SystemTime.monotonicMs())
        guard let wait else { return nil }
        let failure = APIFailure(
            .tooManyRequests, "More than \(perMinute) group passwords in a minute.", retryAfterMs: max(wait, 1))
        return .rateLimited(failure, perMinute: perMinute)
    }

    private func giveBack(_ uid: UserID?) {
        guard let uid, perMinute > 0 else { return }
        services.passwords.attempts.giveBack(app.number, uid)
    }
}
