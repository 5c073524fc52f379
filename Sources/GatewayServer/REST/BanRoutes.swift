internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// Who is kept out of a group (protocol.md §6.1, §7).
enum BanRoutes {
    static let all = [
        Route("GET", "groups/{guid}/bannedusers", .user, list),
        Route("POST", "groups/{guid}/bannedusers/{uid}", .user, ban),
        Route("DELETE", "groups/{guid}/bannedusers/{uid}", .user, unban),
    ]

    /// For those who may ban.
    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        var query = BanQuery(app: call.app.number, guid: try call.guid(0))
        query.scopes = try call.words("scopes")
        query.searchKey = call.text("searchKey")
        query.page = try call.page()
        return call.read { [query] store in
            let viewer = try call.viewer(in: store)
            let group = try GroupRoutes.visible(query.guid, to: viewer, call, store)
            if viewer != nil {
                guard let membership = group.viewer else {
                    throw group.isViewerBanned
                        ? APIFailure(.bannedGroupMember, "the user is banned from the group")
                        : APIFailure(.notAMember, "the user is no member of the group")
                }
                guard membership.scope != .participant else {
                    throw APIFailure(.groupNoModeratorScope, "only admins and moderators see who is banned")
                }
            }
            let found = try store.bans(query)
            let pagination = RouteCall.pagination(query.page, total: found.total, count: found.items.count)
            return .json(
                ResponseBody.list(found.items, pagination: pagination) { writer, item in
                    writer.bannedUser(item.ban, call.view(item.user))
                })
        }
    }

    private static func ban(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.ban(try call.guid(0), try call.uid(1)))
    }

    private static func unban(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.unban(try call.guid(0), try call.uid(1)))
    }
}
