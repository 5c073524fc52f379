internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// Sending, and the stored messages (protocol.md §6, §7).
enum MessageRoutes {
    static let all = [
        Route("POST", "messages", .user, send),
        Route("GET", "messages", .user) { (call) throws(APIFailure) in try history(call, .everything) },
        Route("GET", "messages/{id}", .user, get),
        Route("GET", "users/{uid}/messages", .user) { (call) throws(APIFailure) in
            try history(call, .user(try call.uid(0)))
        },
        Route("GET", "groups/{guid}/messages", .user) { (call) throws(APIFailure) in
            try history(call, .group(try call.guid(0)))
        },
    ]

    // MARK: - Sending

    private static func send(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try MessageBody.decode(try call.json(), limits: call.limits)
        return try call.command(.send(body.draft)) { reply in
            guard case .message(let view, let duplicate) = reply else { return .unexpected }
            return .json(ResponseBody.data { $0.message(call.view(view), duplicate: duplicate) })
        }
    }

    // MARK: - One message

    private static func get(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        guard let id = Int64(call.parameters[0]), id > 0 else {
            throw APIFailure(.badRequest, "id: must be a message id, a whole number above 0")
        }
        return call.read { store in
            let viewer = try call.viewer(in: store)
            guard let view = try store.message(call.app.number, id: id) else {
                throw APIFailure(.messageIDNotFound, "there is no message \(id)")
            }
            if let viewer, try !concerns(view.message, viewer, call, store) {
                throw APIFailure(.messageNoAccess, "the message is between others")
            }
            return .json(ResponseBody.data { $0.message(call.view(view)) })
        }
    }

    /// A message is for its parties, a group's for its members.
    private static func concerns(
        _ message: MessageRecord, _ viewer: UserID, _ call: RouteCall, _ store: any Store
    ) throws -> Bool {
        if message.sender == viewer { return true }
        switch message.receiver {
        case .user(let uid): return uid == viewer
        case .group(let guid): return try store.group(call.app.number, guid, viewer: viewer)?.viewer != nil
        }
    }

    // MARK: - History

    private static func history(
        _ call: RouteCall, _ scope: HistoryQuery.Scope
    ) throws(APIFailure) -> RouteResult {
        let filters = try HistoryFilters(call)
        if try call.flag("count") { return try ConversationRoutes.unreadCounts(call, filters, scope) }
        return call.read { store in
            let viewer = try call.viewer(in: store)
            if filters.unreadOnly { _ = try ConversationRoutes.viewer(call, store) }
            let query = filters.query(app: call.app.number, viewer: viewer, scope)
            switch try store.history(query) {
            case .page(let page):
                // A deleted user's messages stay, so only an empty page tells an unknown uid.
                if page.messages.isEmpty, case .user(let uid) = scope, try store.user(call.app.number, uid) == nil {
                    throw UserRoutes.unknown(uid)
                }
                return .json(list(page, filters, call))
            case .notAMember(.secret), .unknownGroup:
                guard case .group(let guid) = scope else { return .unexpected }
                throw GroupRoutes.unknown(guid)
            case .notAMember: throw APIFailure(.notAMember, "the history is for members of the group")
            }
        }
    }

    /// The cursor is where the next page begins; at the end of what there is now, where a later one would.
    ///
    /// SDKs look for `pagination` as well and stop at the last page. Nobody counts a history, so it tells this page, and
    /// of the rest only whether there is one.
    private static func list(_ page: HistoryPage, _ filters: HistoryFilters, _ call: RouteCall) -> [UInt8] {
        let edge = filters.affix == .prepend ? page.messages.first : page.messages.last
        let cursor = PageCursor(
            id: page.next ?? edge?.message.id, affix: filters.affix == .prepend ? .prepend : .append)
        let count = page.messages.count
        let pagination = Pagination(
            total: page.next == nil ? count : filters.limit + 1, count: count, perPage: filters.limit, currentPage: 1)
        return ResponseBody.list(page.messages, pagination: pagination, cursor: cursor) { writer, view in
            writer.message(call.view(view))
        }
    }
}
