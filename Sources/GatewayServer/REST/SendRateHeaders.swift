internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Reactor
internal import WireProtocol

/// `X-Rate-Limit` and `X-Rate-Limit-Remaining` on every answer to a user's send (protocol.md §9).
///
/// Who sends is known from the message that was sent; for refusals the store is asked, so that the usual answer costs no
/// look-up.
struct SendRateHeaders: Sendable {
    /// Routes that send a message.
    private static let routes: Set = ["POST messages", "POST messages/{id}/thread"]

    private let call: RouteCall
    private let perMinute: Int

    /// nil where nothing is limited: other routes, other callers than users, no limit.
    init?(_ route: Route, _ call: RouteCall) {
        guard case .token = call.identity, Self.routes.contains("\(route.method) \(route.pattern)") else { return nil }
        let perMinute = call.app.limits.sendsPerMinute ?? call.limits.sendsPerMinute
        guard perMinute > 0 else { return nil }
        self.call = call
        self.perMinute = perMinute
    }

    func wrap(_ result: RouteResult, sender: UserID? = nil) -> RouteResult {
        switch result {
        case .answer(let response): finish(response, sender)
        case .command(let command, let bytes, let then):
            .command(command, bytes: bytes) { reply in
                if case .message(let view, _) = reply { return wrap(then(reply), sender: view.message.sender) }
                return wrap(then(reply), sender: sender)
            }
        case .job(let job): .job { wrap(job(), sender: sender) }
        case .task(let task): .task { wrap(await task(), sender: sender) }
        case .file, .follow: result
        }
    }

    private func finish(_ response: Response, _ sender: UserID?) -> RouteResult {
        if response.refusal == .tooManyRequests { return .answer(response.limited(perMinute, left: 0)) }
        if let sender { return .answer(response.limited(perMinute, left: left(sender))) }
        return .job {
            // A caller nobody knows has spent nothing.
            let user = try? call.signedIn(in: call.services.store)
            return .answer(response.limited(perMinute, left: user.map { left($0.record.uid) } ?? perMinute))
        }
    }

    private func left(_ user: UserID) -> Int {
        call.services.sendRates.left(
            call.app.number, user, nowMs: SystemTime.monotonicMs(), perMinute: perMinute)
    }
}

extension Response {
    fileprivate func limited(_ perMinute: Int, left: Int) -> Response {
        adding([("x-rate-limit", String(perMinute)), ("x-rate-limit-remaining", String(left))])
    }

    /// A refusal by a rate of `perMinute`: nothing of it is left.
    static func rateLimited(_ failure: APIFailure, perMinute: Int) -> Response {
        Response.failure(failure).limited(perMinute, left: 0)
    }
}
