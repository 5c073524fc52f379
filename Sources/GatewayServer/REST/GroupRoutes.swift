internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// Groups (protocol.md §6.1, §7).
enum GroupRoutes {
    static let all = [
        Route("GET", "groups", .user, list),
        Route("POST", "groups", .user, create),
        Route("GET", "groups/{guid}", .user, get),
        Route("PUT", "groups/{guid}", .user, update),
        Route("DELETE", "groups/{guid}", .user, delete),
        Route("PATCH", "groups/{guid}/owner", .user, transfer),
    ]

    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        var query = GroupQuery(app: call.app.number, viewer: nil)
        query.searchKey = call.text("searchKey")
        query.tags = call.list("tags")
        query.types = try call.words("type")
        // Two names for one thing; and tags, which some clients ask for, are always shown.
        let joinedOnly = try call.flag("joinedOnly")
        query.joinedOnly = try call.flag("hasJoined") || joinedOnly
        _ = try call.flag("withTags")
        query.page = try call.page()
        return call.read { [filters = query] store in
            let viewer = try call.viewer(in: store)
            var query = GroupQuery(app: filters.app, viewer: viewer)
            query.searchKey = filters.searchKey
            query.tags = filters.tags
            query.types = filters.types
            query.joinedOnly = filters.joinedOnly
            query.page = filters.page
            let found = try store.groups(query)
            let pagination = RouteCall.pagination(query.page, total: found.total, count: found.items.count)
            return .json(
                ResponseBody.list(found.items, pagination: pagination) { writer, group in
                    writer.group(group, showsViewer: viewer != nil)
                })
        }
    }

    private static func get(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let guid = try call.guid(0)
        let caller = try call.identity.caller()
        return call.reading { store in
            let viewer = try call.viewer(in: store)
            let group = try visible(guid, to: viewer, call, store)
            // Who is online in it the core counts; without its answer the group is shown without the count.
            let command = Command(app: call.app.number, caller: caller, operation: .countOnline([guid]))
            return .command(command, bytes: RouteCall.commandBytes) { reply in
                let online: Int? = if case .onlineCounts(let counts) = reply { counts[guid] } else { nil }
                return .answer(
                    .json(ResponseBody.data { $0.group(group, showsViewer: viewer != nil, online: online) }))
            }
        }
    }

    /// A group that the viewer may know of: a private one does not exist for who is no member.
    static func visible(
        _ guid: GroupID, to viewer: UserID?, _ call: RouteCall, _ store: any Store
    ) throws -> GroupView {
        guard let group = try store.group(call.app.number, guid, viewer: viewer),
            viewer == nil || group.viewer != nil || group.record.type != .secret
        else { throw unknown(guid) }
        return group
    }

    static func unknown(_ guid: GroupID) -> APIFailure {
        APIFailure(.guidNotFound, "there is no group \(guid)")
    }

    private static func create(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let body = try GroupBody.decodeCreate(try call.json(), limits: call.limits)
        guard let guid = body.guid else { throw RouteCall.malformed("guid") }
        guard body.fields.type == .password, let password = body.password else {
            return try create(guid, body, body.fields, call)
        }
        return call.hashing(password) { (hash) throws(APIFailure) in
            var fields = body.fields
            fields.passwordHash = hash
            return try create(guid, body, fields, call)
        }
    }

    private static func create(
        _ guid: GroupID, _ body: GroupBody, _ fields: GroupFields, _ call: RouteCall
    ) throws(APIFailure) -> RouteResult {
        let operation = Operation.createGroup(
            guid, fields, owner: body.owner, members: body.members.drafts, bans: body.members.bans)
        return try call.command(operation) { reply in
            guard case .groupCreated(let group, let outcome) = reply else { return .unexpected }
            return .json(
                ResponseBody.data { writer in
                    writer.beginObject()
                    writer.members(of: group, showsViewer: !call.isSystem)
                    if !body.members.isEmpty {
                        writer.key("members")
                        writer.beginObject()
                        writer.key("data")
                        AddResults(body.members, outcome).write(to: &writer)
                        writer.endObject()
                    }
                    writer.endObject()
                })
        }
    }

    /// Members and owner are changed by calls of their own, so they are not read here.
    private static func update(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let guid = try call.guid(0)
        let body = try GroupBody.decodeUpdate(try call.json(), limits: call.limits)
        // A password for a group that is, or becomes, of another type is none.
        guard let password = body.password, body.fields.type ?? .password == .password else {
            return try showing(.updateGroup(guid, body.fields), call)
        }
        return call.hashing(password) { (hash) throws(APIFailure) in
            var fields = body.fields
            fields.passwordHash = hash
            return try showing(.updateGroup(guid, fields), call)
        }
    }

    private static func transfer(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let guid = try call.guid(0)
        let owner = try MembershipBody.decodeOwner(try call.json())
        return try showing(.transferGroup(guid, to: owner), call)
    }

    private static func showing(_ operation: Operation, _ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.command(operation) { reply in
            guard case .group(let group) = reply else { return .unexpected }
            return .json(ResponseBody.data { $0.group(group, showsViewer: !call.isSystem) })
        }
    }

    private static func delete(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.deleteGroup(try call.guid(0)))
    }
}
