internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// Friends: mutual, kept by the backend (protocol.md §8).
enum FriendRoutes {
    static let all = [
        Route("GET", "users/{uid}/friends", .user, list),
        Route("POST", "users/{uid}/friends", .backend, add),
        Route("DELETE", "users/{uid}/friends", .backend, remove),
    ]

    /// The filters and pages of `GET users`. A user sees their own friends only.
    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let query = try UserRoutes.query(of: call)
        let hidesBlocked = try UserRoutes.hidesBlocked(call)
        return call.read { store in
            let viewer = try call.viewer(in: store)
            if case .token = call.identity, viewer != uid {
                throw APIFailure(.noAccess, "a user may list their own friends only")
            }
            guard try store.user(call.app.number, uid) != nil else { throw UserRoutes.unknown(uid) }
            var query = query
            query.friendsOf = uid
            if hidesBlocked { query.hidingBlockedBy = viewer }
            return try UserRoutes.page(query, call, viewer: viewer, store)
        }
    }

    private static func add(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let body = try FriendsBody.decode(try call.json(), limits: call.limits)
        return try call.command(.addFriends(uid, body.friends), then: results)
    }

    private static func remove(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let body = try FriendsBody.decode(try call.json(), limits: call.limits)
        return try call.command(.removeFriends(uid, body.friends), then: results)
    }

    /// `{"accepted":{uid: {"success":true} | {"error":…}}}`: one who cannot be a friend spoils no other.
    @Sendable private static func results(_ reply: ReplyBody) -> Response {
        guard case .friends(let results) = reply else { return .unexpected }
        return .json(
            ResponseBody.data { writer in
                writer.beginObject()
                writer.key("accepted")
                writer.beginObject()
                for result in results { writer.member(of: result.uid, result.failure) }
                writer.endObject()
                writer.endObject()
            })
    }
}
