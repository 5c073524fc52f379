internal import ChatModel
internal import GatewayCore
internal import JSONCodec
internal import TLSEngine
internal import WireProtocol

/// Live connections: seen and cut by the backend (protocol.md §8).
enum OperatorRoutes {
    /// Uids of one presence question: each may have to be loaded.
    static let presenceMax = 1_000

    static let all = [
        Route("GET", "presence", .backend, presence),
        Route("GET", "groups/{guid}/online", .backend, online),
        Route("POST", "users/{uid}/disconnect", .backend, disconnectUser),
        Route("POST", "apps/{appId}/disconnect", .backend, disconnectApp),
    ]

    private static func presence(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        guard let uids = try call.uids("uids") else { throw APIFailure(.badRequest, "uids: is missing") }
        guard uids.count <= presenceMax else {
            throw APIFailure(.badRequest, "uids: more than \(presenceMax) in one question")
        }
        return try call.command(.presence(uids), then: rows)
    }

    private static func online(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.command(.onlineMembers(try call.guid(0)), then: rows)
    }

    @Sendable private static func rows(_ reply: ReplyBody) -> Response {
        guard case .presence(let users) = reply else { return .unexpected }
        return .json(ResponseBody.list(users) { writer, user in writer.presence(user) })
    }

    private static func disconnectUser(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let body = try DisconnectBody.decode(try call.json(), limits: call.limits)
        return try call.doing(.disconnectUser(uid, body.token.map { TokenHash(Digest.sha256($0)) }))
    }

    /// Only the app whose key came along.
    private static func disconnectApp(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        guard call.parameters[0] == call.app.id else {
            throw APIFailure(.noAccess, "appId: the key is of another app")
        }
        let body = try DisconnectBody.decode(try call.json(), limits: call.limits)
        guard body.token == nil else { throw APIFailure(.badRequest, "token: names no connections of a whole app") }
        return try call.doing(.disconnectApp(rate: body.rate))
    }
}

extension JSONWriter {
    fileprivate mutating func presence(_ user: UserPresence) {
        beginObject()
        member("uid", user.uid.text)
        member("status", user.online ? "online" : "offline")
        member("lastActiveAt", ifPresent: user.lastActiveAt)
        key("connections")
        beginArray()
        for live in user.connections {
            beginObject()
            member("sessionId", live.session.text)
            member("deviceId", ifPresent: live.deviceID)
            member("platform", ifPresent: live.platform)
            member("appState", live.appState.rawValue)
            member("connectedAt", live.connectedAt)
            endObject()
        }
        endArray()
        endObject()
    }
}
