internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import TLSEngine
internal import WireProtocol

/// Call signalling (protocol.md §6.2, §7).
enum CallRoutes {
    static let all = [
        Route("POST", "calls", .user, start),
        Route("PUT", "calls/{sessionid}", .user, update),
    ]

    private static func start(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        // 32 characters of 192 random bits: whoever was not told it cannot name it.
        let session = CallSessionID(trusted: SecureRandom.token(byteCount: 24))
        let draft = try CallBody.decodeStart(try call.json(), session: session, limits: call.limits)
        return limited(try call.command(.startCall(draft)) { answer($0, call) }, call)
    }

    private static func update(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let update = try CallBody.decodeUpdate(try call.json(), limits: call.limits)
        guard let session = CallSessionID(call.parameters[0]) else { throw unknown(call.parameters[0]) }
        let result = limited(try call.command(.updateCall(session, CallInput(update))) { answer($0, call) }, call)
        guard case .command(let command, let bytes, let then) = result else { return result }
        return .command(command, bytes: bytes) { reply in
            // The core knows those that go on; of one that is over the store tells.
            guard case .failed(let failure) = reply, failure.code == .callSessionNotFound else { return then(reply) }
            return past(session, call)
        }
    }

    private static func answer(_ reply: ReplyBody, _ call: RouteCall) -> Response {
        guard case .message(let view, let duplicate) = reply else { return .unexpected }
        return .json(ResponseBody.data { $0.message(call.view(view), duplicate: duplicate) })
    }

    /// Why a call that is not active cannot be changed: it is over, the user had no part in it, or it never was.
    private static func past(_ session: CallSessionID, _ call: RouteCall) -> RouteResult {
        call.read { store in
            guard let viewer = try call.viewer(in: store), let record = try store.call(call.app.number, session) else {
                throw unknown(session.text)
            }
            let isPart: Bool =
                switch record.facts.receiver {
                case .user(let callee): viewer == record.facts.initiator || viewer == callee
                case .group(let guid): try store.group(call.app.number, guid, viewer: viewer)?.viewer != nil
                }
            guard isPart else { throw APIFailure(.callNotAPart, "the user is not in this call") }
            throw APIFailure(.callTerminated, "the call is over: \(record.status.rawValue)")
        }
    }

    private static func unknown(_ session: String) -> APIFailure {
        APIFailure(.callSessionNotFound, "there is no call \(session)")
    }

    /// With the headers that a rate limit is answered with.
    private static func limited(_ result: RouteResult, _ call: RouteCall) -> RouteResult {
        guard case .command(let command, let bytes, let then) = result else { return result }
        let perMinute = call.limits.sendsPerMinute
        return .command(command, bytes: bytes) { reply in
            guard case .failed(let failure) = reply, failure.code == .tooManyRequests else { return then(reply) }
            return .answer(.rateLimited(failure, perMinute: perMinute))
        }
    }
}

extension CallInput {
    fileprivate init(_ update: CallBody.Update) {
        self =
            switch update {
            case .ongoing: .accept
            case .rejected: .reject
            case .cancelled: .cancel
            case .busy: .busy
            case .unanswered: .unanswered
            case .ended: .end
            }
    }
}
