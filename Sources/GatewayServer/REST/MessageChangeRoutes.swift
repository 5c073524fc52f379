internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// What happens to a message after it was sent: edits, deletion, reactions, interactions (protocol.md §3.8, §6, §7).
///
/// What a body means depends on the message, so it is read first, on the pool; the core judges by its own state.
enum MessageChangeRoutes {
    static let all = [
        Route("PUT", "messages/{id}", .user, edit),
        Route("DELETE", "messages/{id}", .user) { (call) throws(APIFailure) in
            try call.showing(.deleteMessage(try call.messageID(0)))
        },
        Route("PATCH", "messages/{id}/interacted", .user, interact),
        Route("GET", "messages/{id}/reactions", .user) { (call) throws(APIFailure) in try list(call, of: nil) },
        Route("GET", "messages/{id}/reactions/{emoji}", .user) { (call) throws(APIFailure) in
            try list(call, of: try reaction(call))
        },
        Route("POST", "messages/{id}/reactions/{emoji}", .user) { (call) throws(APIFailure) in
            try call.showing(.react(try call.messageID(0), try reaction(call), given: true), .always)
        },
        Route("DELETE", "messages/{id}/reactions/{emoji}", .user) { (call) throws(APIFailure) in
            try call.showing(.react(try call.messageID(0), try reaction(call), given: false), .always)
        },
    ]

    private static func edit(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let (id, body) = (try call.messageID(0), try call.json())
        return call.reading { store in
            let message = try MessageRoutes.visible(id, call, store).0.message
            // Nothing is left to compare the body with; the core refuses it.
            guard message.deletion == nil, message.subject == nil, message.category != .call else {
                return try call.showing(.editMessage(id, MessageEdit(data: message.data, tags: message.tags)))
            }
            return try call.showing(.editMessage(id, MessageEditBody.decode(body, of: message, limits: call.limits)))
        }
    }

    private static func interact(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let id = try call.messageID(0)
        let elements = try InteractedBody.decode(try call.json(), limits: call.limits)
        return call.reading { store in
            let message = try MessageRoutes.visible(id, call, store).0.message
            // Another category and a deleted message are refused by the core.
            let isInteractive = message.category == .interactive && message.deletion == nil
            let terms = isInteractive ? try InteractedBody.terms(of: message.data) : InteractionTerms()
            return try call.showing(.interact(id, elements, terms))
        }
    }

    // MARK: - Reactions

    private static func reaction(_ call: RouteCall) throws(APIFailure) -> String {
        let text = call.parameters[1]
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isPlain, text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw APIFailure(.badRequest, "reaction: must be an emoji or a short text")
        }
        guard !Limits.exceeds(text.unicodeScalars.count, call.limits.reactionLength) else {
            throw APIFailure(.badRequest, "reaction: is longer than \(call.limits.reactionLength) characters")
        }
        return text
    }

    private static func list(_ call: RouteCall, of reaction: String?) throws(APIFailure) -> RouteResult {
        var query = ReactionQuery(app: call.app.number, messageID: try call.messageID(0))
        query.reaction = reaction
        query.affix = try call.word("affix") ?? .prepend
        query.cursor = try call.integer("id")
        // What compatible clients call `per_page` here.
        let limit = try call.integer("limit", 1...Int64.max)
        let perPage = try call.perPage()
        query.limit = limit.map { Int(min($0, Int64(ReactionQuery.limitMax))) } ?? perPage
        let asked = query
        return call.read { store in
            _ = try MessageRoutes.visible(asked.messageID, call, store)
            let reactions = try store.reactions(asked).reactions
            let links = PageLinks(
                first: reactions.first?.id ?? asked.cursor, last: reactions.last?.id ?? asked.cursor)
            let edge = asked.affix == .prepend ? links.first : links.last
            let cursor = PageCursor(id: edge, affix: asked.affix == .prepend ? .prepend : .append)
            return .json(
                ResponseBody.list(reactions, cursor: cursor, links: links) { writer, reaction in
                    writer.reaction(call.view(reaction))
                })
        }
    }
}
