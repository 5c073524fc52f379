internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// A user's conversations: the list, one of them, and their own side of it (protocol.md §6, §7).
enum ConversationRoutes {
    static let all = [
        Route("GET", "conversations", .user, list),
        Route("GET", "users/{uid}/conversation", .user) { (call) throws(APIFailure) in try get(call, user(call)) },
        Route("PUT", "users/{uid}/conversation", .user) { (call) throws(APIFailure) in try tag(call, user(call)) },
        Route("DELETE", "users/{uid}/conversation", .user) { (call) throws(APIFailure) in try hide(call, user(call)) },
        Route("DELETE", "users/{uid}/conversation/read", .user) { (call) throws(APIFailure) in
            try markUnread(call, user(call))
        },
        Route("GET", "groups/{guid}/conversation", .user) { (call) throws(APIFailure) in try get(call, group(call)) },
        Route("PUT", "groups/{guid}/conversation", .user) { (call) throws(APIFailure) in try tag(call, group(call)) },
        Route("DELETE", "groups/{guid}/conversation", .user) { (call) throws(APIFailure) in
            try hide(call, group(call))
        },
        Route("DELETE", "groups/{guid}/conversation/read", .user) { (call) throws(APIFailure) in
            try markUnread(call, group(call))
        },
    ]

    private static func user(_ call: RouteCall) throws(APIFailure) -> Receiver { .user(try call.uid(0)) }
    private static func group(_ call: RouteCall) throws(APIFailure) -> Receiver { .group(try call.guid(0)) }

    // MARK: - Reading

    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let kind = try call.word("conversationType", ConversationQuery.Kind.self)
        let (unread, tags, page) = (try call.flag("unread"), call.list("tags"), try call.page())
        return call.read { store in
            var query = ConversationQuery(app: call.app.number, viewer: try viewer(call, store))
            (query.kind, query.unreadOnly, query.tags, query.page) = (kind, unread, tags, page)
            let found = try store.conversations(query)
            let pagination = RouteCall.pagination(page, total: found.total, count: found.items.count)
            let standings = try call.standings(of: query.viewer, to: found.items.compactMap(\.otherUser), store)
            return .json(
                ResponseBody.list(found.items, pagination: pagination) { writer, conversation in
                    writer.conversation(call.view(conversation), conversation.otherUser.flatMap(standings.of))
                })
        }
    }

    private static func get(_ call: RouteCall, _ with: Receiver) throws(APIFailure) -> RouteResult {
        call.read { store in try answer(call, store, with) }
    }

    private static func answer(_ call: RouteCall, _ store: any Store, _ with: Receiver) throws -> Response {
        let viewer = try viewer(call, store)
        let conversation = try conversation(call, store, of: viewer, with)
        let standings = try call.standings(of: viewer, to: conversation.otherUser.map { [$0] } ?? [], store)
        return .json(
            ResponseBody.data {
                $0.conversation(call.view(conversation), conversation.otherUser.flatMap(standings.of))
            })
    }

    static func conversation(
        _ call: RouteCall, _ store: any Store, of viewer: UserID, _ with: Receiver
    ) throws -> ConversationView {
        switch (try store.conversation(call.app.number, of: viewer, with: with), with) {
        case (.conversation(let view), _): return view
        case (.notAMember(.secret), .group(let guid)), (.unknownGroup, .group(let guid)):
            throw GroupRoutes.unknown(guid)
        case (.unknownUser, .user(let uid)): throw UserRoutes.unknown(uid)
        case (_, _): throw APIFailure(.notAMember, "the conversation is for members of the group")
        }
    }

    /// A conversation is always somebody's.
    static func viewer(_ call: RouteCall, _ store: any Store) throws -> UserID {
        guard let viewer = try call.viewer(in: store) else {
            throw APIFailure(.badRequest, "the header onBehalfOf is missing")
        }
        return viewer
    }

    /// `unread=1&count=1` on a history: how many instead of which, per user and group, as SDKs ask for it.
    static func unreadCounts(
        _ call: RouteCall, _ filters: HistoryFilters, _ scope: HistoryQuery.Scope
    ) throws(APIFailure) -> RouteResult {
        guard filters.unreadOnly else { throw APIFailure(.badRequest, "count: is offered with unread only") }
        let kind = try call.word("receiverType", ConversationQuery.Kind.self)
        return call.read { store in
            let viewer = try viewer(call, store)
            let counts: [UnreadCount] =
                switch scope {
                case .everything: try store.unreadCounts(call.app.number, of: viewer, kind)
                case .user(let uid): try unreadCount(call, store, viewer, .user(uid))
                case .group(let guid): try unreadCount(call, store, viewer, .group(guid))
                }
            return .json(ResponseBody.list(counts) { $0.unreadCount($1) })
        }
    }

    private static func unreadCount(
        _ call: RouteCall, _ store: any Store, _ viewer: UserID, _ with: Receiver
    ) throws -> [UnreadCount] {
        let count = try conversation(call, store, of: viewer, with).unreadCount
        return count > 0 ? [UnreadCount(with: with, count: count)] : []
    }

    // MARK: - Changing

    private static func tag(_ call: RouteCall, _ with: Receiver) throws(APIFailure) -> RouteResult {
        let tags = try ConversationBody.decodeTags(try call.json(), limits: call.limits)
        return try changing(call, .tagConversation(with, tags), with)
    }

    private static func markUnread(_ call: RouteCall, _ with: Receiver) throws(APIFailure) -> RouteResult {
        let id = try ConversationBody.decodeMarkUnread(try call.json())
        return try changing(call, .markUnread(with, messageID: id), with)
    }

    private static func hide(_ call: RouteCall, _ with: Receiver) throws(APIFailure) -> RouteResult {
        try call.doing(.hideConversation(with))
    }

    /// Answers with the conversation as it is afterwards.
    private static func changing(
        _ call: RouteCall, _ operation: Operation, _ with: Receiver
    ) throws(APIFailure) -> RouteResult {
        let result = try call.doing(operation)
        guard case .command(let command, let bytes, let then) = result else { return result }
        return .command(command, bytes: bytes) { reply in
            if case .failed = reply { return then(reply) }
            return call.read { store in try answer(call, store, with) }
        }
    }
}
