internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import WireProtocol

/// The event feed (protocol.md §8).
enum FeedRoutes {
    static let contentType = "application/x-ndjson"

    static let all = [Route("GET", "events", .backend, follow)]

    /// From where a client reads is settled before the answer begins: who has its head misses nothing that follows.
    private static func follow(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let after = try call.integer("after")
        let isHEAD = call.request.head.method == "HEAD"
        return call.reading { store in
            let end = try FeedPages(store: store, presence: call.services.presence).end(call.app.number)
            if isHEAD { return .answer(Response(status: 200, headers: [("content-type", contentType)])) }
            return .follow(FeedSubscription(app: call.app.number, after: min(after ?? end, end)))
        }
    }
}
