internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// The replies to a message (protocol.md §7). A thread is read and written as its conversation is.
enum ThreadRoutes {
    static let all = [
        Route("GET", "messages/{id}/thread", .user, history),
        Route(
            "POST", "messages/{id}/thread", .user,
            action: .callOrForm(reply) { (call) throws(APIFailure) in
                try MessageRoutes.beginUpload(call, to: try call.messageID(0))
            }),
    ]

    private static func history(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let id = try call.messageID(0)
        let filters = try HistoryFilters(call)
        return call.read { store in
            let (parent, viewer) = try MessageRoutes.visible(id, call, store)
            let scope: HistoryQuery.Scope
            switch (parent.message.receiver, viewer) {
            case (_, nil): scope = .everything
            case (.group(let guid), _): scope = .group(guid)
            case (.user, let viewer?):
                guard case .user(let other) = parent.message.conversation.receiver(from: viewer) else {
                    return .unexpected
                }
                scope = .user(other)
            }
            var query = filters.query(app: call.app.number, viewer: viewer, scope)
            query.parentID = id
            guard case .page(let page) = try store.history(query) else {
                // The sender of a group's message who left it still sees the message itself.
                throw APIFailure(.messageNoAccess, "the thread is for members of the group")
            }
            return .json(MessageRoutes.list(page, filters, call))
        }
    }

    private static func reply(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let (id, body) = (try call.messageID(0), try call.json())
        return call.reading { store in
            let (parent, viewer) = try MessageRoutes.visible(id, call, store)
            let receiver = parent.message.conversation.receiver(from: viewer ?? parent.message.sender)
            let draft = try MessageBody.decodeReply(body, to: id, receiver: receiver, limits: call.limits)
            return try MessageRoutes.send(draft, call)
        }
    }
}
