internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import HTTPCodec
internal import JSONCodec
internal import WireProtocol

/// Sending, and the stored messages (protocol.md §6, §7).
enum MessageRoutes {
    static let all = [
        Route(
            "POST", "messages", .user, action: .callOrForm(send) { (call) throws(APIFailure) in try beginUpload(call) }),
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
        try send(MessageBody.decode(try call.json(), limits: call.limits).draft, call)
    }

    static func send(_ draft: MessageDraft, _ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.command(.send(draft)) { reply in
            guard case .message(let view, let duplicate) = reply else { return .unexpected }
            return .json(ResponseBody.data { $0.message(call.view(view), duplicate: duplicate) })
        }
    }

    // MARK: - Uploads

    /// A media message as a form, with files or with URLs. `parent`: the message it replies to, whose thread tells the
    /// receiver.
    static func beginUpload(_ call: RouteCall, to parent: Int64? = nil) throws(APIFailure) -> any BodyConsumer {
        let head = call.request.head
        let boundary: MultipartBoundary
        do throws(MultipartRefusal) {
            boundary = try MultipartBoundary(contentType: head.header("content-type") ?? "")
        } catch {
            throw APIFailure(.badRequest, "content-type: \(error.reason)", status: error.status)
        }
        let limits = call.limits
        if limits.uploadBytes > 0, let length = head.header("content-length").flatMap({ Int($0) }),
            length > limits.uploadBytes + UploadWork.overheadBytesMax
        {
            throw UploadWork.tooLarge(limits)
        }
        return MediaUpload(call, boundary: boundary, parent: parent)
    }

    /// Posts the message of a form. Its files go unless it is the one that becomes a message.
    static func upload(
        _ draft: MessageDraft, _ call: RouteCall, _ files: [StoredMedia]
    ) throws(APIFailure) -> RouteResult {
        guard case .command(let command, let bytes, let then) = try send(draft, call) else {
            return .answer(.unexpected)
        }
        return .command(command, bytes: bytes) { [media = call.services.media] reply in
            if case .message(_, duplicate: false) = reply {} else { media.discard(files) }
            return then(reply)
        }
    }

    // MARK: - One message

    private static func get(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let id = try call.messageID(0)
        return call.read { store in
            let (view, _) = try visible(id, call, store)
            return .json(ResponseBody.data { $0.message(call.view(view)) })
        }
    }

    /// The message as the caller sees it, and who that is (nil: the system).
    ///
    /// - Throws: `APIFailure` when there is none or it is not for them; `LogFailure`.
    static func visible(_ id: Int64, _ call: RouteCall, _ store: any Store) throws -> (MessageView, viewer: UserID?) {
        let viewer = try call.viewer(in: store)
        guard let view = try store.message(call.app.number, id: id, viewer: viewer) else {
            throw APIFailure(.messageIDNotFound, "there is no message \(id)")
        }
        if let viewer, try !concerns(view.message, viewer, call, store) {
            throw APIFailure(.messageNoAccess, "the message is between others")
        }
        return (view, viewer)
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
    static func list(_ page: HistoryPage, _ filters: HistoryFilters, _ call: RouteCall) -> [UInt8] {
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
