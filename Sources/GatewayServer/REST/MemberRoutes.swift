internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// A group's members: listed, joining, added, leaving, kicked, of another scope (protocol.md §6.1, §7).
enum MemberRoutes {
    static let all = [
        Route("GET", "groups/{guid}/members", .user, list),
        Route("POST", "groups/{guid}/members", .user, join),
        Route("PUT", "groups/{guid}/members", .user, add),
        Route("DELETE", "groups/{guid}/members", .user, leave),
        Route("PUT", "groups/{guid}/members/{uid}", .user, changeScope),
        Route("DELETE", "groups/{guid}/members/{uid}", .user, kick),
    ]

    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        var query = MemberQuery(app: call.app.number, guid: try call.guid(0))
        query.scopes = try call.words("scopes")
        query.searchKey = call.text("searchKey")
        query.status = try UserRoutes.status(of: call)
        query.page = try call.page()
        return call.read { [query] store in
            let viewer = try call.viewer(in: store)
            _ = try GroupRoutes.visible(query.guid, to: viewer, call, store)
            let found = try store.members(query)
            let pagination = RouteCall.pagination(query.page, total: found.total, count: found.items.count)
            let standings = try call.standings(of: viewer, to: found.items.map(\.membership.uid), store)
            return .json(
                ResponseBody.list(found.items, pagination: pagination) { writer, member in
                    let standing = standings.of(member.membership.uid)
                    writer.groupMember(member.membership, call.view(member.user), standing)
                })
        }
    }

    private static func join(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let guid = try call.guid(0)
        let body = try JoinBody.decode(try call.json(), limits: call.limits)
        guard let password = body.password else { return try join(guid, passwordHash: nil, call) }
        return call.reading { store in
            let viewer = try call.viewer(in: store)
            // Only where the password decides is it looked at; the core has the last word of everything else, and of the
            // hash that it matched here: by then the group may have another one.
            guard let group = try store.group(call.app.number, guid, viewer: viewer), group.record.type == .password,
                let hash = group.record.passwordHash, group.viewer == nil, !group.isViewerBanned
            else { return try join(guid, passwordHash: nil, call) }
            return call.matching(password, hash, of: viewer) { () throws(APIFailure) in
                try join(guid, passwordHash: hash, call)
            }
        }
    }

    private static func join(
        _ guid: GroupID, passwordHash: String?, _ call: RouteCall
    ) throws(APIFailure) -> RouteResult {
        try call.command(.join(guid, passwordHash: passwordHash)) { reply in
            guard case .message(let action, _) = reply else { return .unexpected }
            return .json(ResponseBody.data { $0.message(call.view(action)) })
        }
    }

    private static func leave(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.leave(try call.guid(0)))
    }

    private static func add(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let guid = try call.guid(0)
        let body = try MembersBody.decode(try call.json(), limits: call.limits)
        return try call.command(.addMembers(guid, body.drafts, bans: body.bans)) { reply in
            guard case .members(let outcome) = reply else { return .unexpected }
            return .json(ResponseBody.data { AddResults(body, outcome).write(to: &$0) })
        }
    }

    private static func changeScope(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let (guid, uid) = (try call.guid(0), try call.uid(1))
        return try call.doing(.changeScope(guid, uid, to: try MembershipBody.decodeScope(try call.json())))
    }

    private static func kick(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.kick(try call.guid(0), try call.uid(1)))
    }
}
