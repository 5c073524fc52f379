internal import GatewayCore
internal import WireProtocol

/// What a backend publishes on behalf of users: messages in bulk, typing and transient events (protocol.md §8).
enum PublishRoutes {
    static let all = [
        Route("POST", BulkPublish.pattern, .backend, action: .stream { BulkPublish($0) }),
        Route("POST", "transient", .backend, transient),
        Route("POST", "typing", .backend, typing),
    ]

    private static func transient(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try PublishBody.decodeTransient(try call.json(), limits: call.limits)
        return try call.doing(.transient(receiver: body.receiver, data: body.data))
    }

    private static func typing(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try PublishBody.decodeTyping(try call.json(), limits: call.limits)
        return try call.doing(.typing(receiver: body.receiver, started: body.started, metadata: body.metadata))
    }
}
