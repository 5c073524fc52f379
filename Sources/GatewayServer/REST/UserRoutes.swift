internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// Users: made and changed with the auth key, ended by the backend, looked up by everyone (protocol.md §7, §8).
enum UserRoutes {
    static let all = [
        Route("GET", "users", .user, list),
        Route("POST", "users", .authKey, create),
        Route("GET", "users/{uid}", .user, get),
        Route("PUT", "users/{uid}", .authKey, update),
        Route("DELETE", "users/{uid}", .backend, delete),
    ]

    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let query = try query(of: call)
        let friendsOnly = try call.flag("friendsOnly")
        let hidesBlocked = try hidesBlocked(call)
        return call.read { store in
            var query = query
            let viewer = try call.viewer(in: store)
            query.excluding = viewer
            if hidesBlocked { query.hidingBlockedBy = viewer }
            if friendsOnly {
                guard let viewer else { throw APIFailure(.badRequest, "friendsOnly: needs a user; set onBehalfOf") }
                query.friendsOf = viewer
            }
            return try page(query, call, viewer: viewer, store)
        }
    }

    /// The filters that lists of users share.
    static func query(of call: RouteCall) throws(APIFailure) -> UserQuery {
        var query = UserQuery(app: call.app.number)
        query.searchKey = call.text("searchKey")
        query.roles = call.list("roles")
        query.tags = call.list("tags")
        query.uids = try call.uids("uids")
        query.page = try call.page()
        query.status = try status(of: call)
        return query
    }

    /// Whether whom the caller has blocked is left out: unless `withBlocked` is set. SDKs do not know that word; they are
    /// known by the header `sdk`, list everybody, and say `hideBlockedUsers` when they do not want to.
    static func hidesBlocked(_ call: RouteCall) throws(APIFailure) -> Bool {
        let isSDK = call.request.head.header("sdk") != nil
        if try call.flag("hideBlockedUsers") { return true }
        return try call.text("withBlocked") == nil ? !isSDK : !call.flag("withBlocked")
    }

    /// `available` is what SDKs ask for when they mean online.
    private enum Status: String, CaseIterable {
        case online, offline, available
    }

    static func status(of call: RouteCall) throws(APIFailure) -> UserQuery.Status? {
        switch try call.word("status", Status.self) {
        case nil: nil
        case .online, .available: .online(online(call))
        case .offline: .offline(online: online(call))
        }
    }

    static func page(
        _ query: UserQuery, _ call: RouteCall, viewer: UserID?, _ store: any Store
    ) throws -> Response {
        let found = try store.users(query)
        let pagination = RouteCall.pagination(query.page, total: found.total, count: found.items.count)
        let standings = try call.standings(of: viewer, to: found.items.map(\.record.uid), store)
        return .json(
            ResponseBody.list(found.items, pagination: pagination) { writer, user in
                let uid = user.record.uid
                writer.user(call.view(user), call.detail(of: uid, for: viewer), standings.of(uid))
            })
    }

    private static func online(_ call: RouteCall) -> Set<UserID> {
        Set(call.services.presence.onlineUsers(call.app.number))
    }

    private static func get(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        return call.read { store in
            let viewer = try call.viewer(in: store)
            guard let user = try store.user(call.app.number, uid) else { throw unknown(uid) }
            let standings = try call.standings(of: viewer, to: [uid], store)
            return .json(
                ResponseBody.data { $0.user(call.view(user), call.detail(of: uid, for: viewer), standings.of(uid)) })
        }
    }

    static func unknown(_ uid: UserID) -> APIFailure {
        APIFailure(.uidNotFound, "there is no user \(uid)")
    }

    private static func create(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try UserBody.decodeCreate(try call.json(), limits: call.limits)
        guard let uid = body.uid else { throw RouteCall.malformed("uid") }
        let token = body.withAuthToken ? FreshToken() : nil
        return try call.command(.createUser(uid, body.fields, withToken: token?.hash)) { reply in
            shown(reply, token: token?.text)
        }
    }

    private static func update(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let body = try UserBody.decodeUpdate(try call.json(), limits: call.limits)
        return try call.command(.updateUser(uid, body.fields)) { shown($0, token: nil) }
    }

    /// Who may write a user sees all of them.
    private static func shown(_ reply: ReplyBody, token: String?) -> Response {
        let view: UserView
        switch reply {
        case .user(let user), .token(_, let user): view = user
        default: return .unexpected
        }
        return .json(
            ResponseBody.data { writer in
                writer.beginObject()
                writer.members(of: view, .own)
                writer.member("authToken", ifPresent: token)
                writer.endObject()
            })
    }

    private static func delete(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let body = try UserDeletion.decode(try call.json())
        return try call.doing(.deleteUser(uid, permanent: body.permanent))
    }
}
