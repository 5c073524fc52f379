internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// The caller's block list (protocol.md §6.3, §7).
enum BlockRoutes {
    static let all = [
        Route("GET", "blockedusers", .user, list),
        Route("POST", "blockedusers", .user, block),
        Route("DELETE", "blockedusers", .user, unblock),
    ]

    /// Whom the caller blocks and who blocks them, with the filters and pages of `GET users`.
    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let query = try UserRoutes.query(of: call)
        let direction = try call.word("direction", BlockDirection.self) ?? .both
        return call.read { store in
            guard let viewer = try call.viewer(in: store) else {
                throw APIFailure(.badRequest, "the header onBehalfOf is missing")
            }
            var query = query
            query.blocksOf = viewer
            query.direction = direction
            return try UserRoutes.page(query, call, viewer: viewer, store)
        }
    }

    private static func block(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try BlocksBody.decode(try call.json(), limits: call.limits)
        return try call.command(.block(body.uids)) { results($0, "is blocked") }
    }

    private static func unblock(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try BlocksBody.decode(try call.json(), limits: call.limits)
        return try call.command(.unblock(body.uids)) { results($0, "is not blocked any more") }
    }

    /// By uid `{"success":true,"message"}` or `{"success":false,"error":{…}}`: one who cannot be blocked spoils no other.
    private static func results(_ reply: ReplyBody, _ outcome: String) -> Response {
        guard case .blocks(let results) = reply else { return .unexpected }
        return .json(
            ResponseBody.data { writer in
                writer.beginObject()
                for result in results {
                    writer.key(text: result.uid.text)
                    writer.beginObject()
                    writer.member("success", result.failure == nil)
                    if let failure = result.failure {
                        writer.key("error")
                        writer.errorObject(failure)
                    } else {
                        writer.member("message", "The user \(result.uid.text) \(outcome).")
                    }
                    writer.endObject()
                }
                writer.endObject()
            })
    }
}
