internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// A group's members: listed, joining, added, leaving (protocol.md §6.1, §7).
enum MemberRoutes {
    static let all = [
        Route("GET", "groups/{guid}/members", .user, list),
        Route("POST", "groups/{guid}/members", .user, join),
        Route("PUT", "groups/{guid}/members", .user, add),
        Route("DELETE", "groups/{guid}/members", .user, leave),
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
        // Groups with a password are not offered yet, so it opens nothing.
        _ = try JoinBody.decode(try call.json(), limits: call.limits)
        return try call.command(.join(guid)) { reply in
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
        return try call.command(.addMembers(guid, body.drafts)) { reply in
            guard case .members(let drafts, let results) = reply else { return .unexpected }
            return .json(AddResults(body, drafts, results).json())
        }
    }
}

/// The answer to an add: a map per list of the body, each uid of that list in it. Value.
private struct AddResults {
    private let body: MembersBody
    /// How adding each uid ended, with the scope it was added with.
    private var outcomes: [UserID: (scope: MemberScope, failure: APIFailure?)] = [:]

    init(_ body: MembersBody, _ drafts: [MemberDraft], _ results: [Result<Membership, APIFailure>]) {
        self.body = body
        for (draft, result) in zip(drafts, results) {
            switch result {
            case .success: outcomes[draft.uid] = (draft.scope, nil)
            case .failure(let failure): outcomes[draft.uid] = (draft.scope, failure)
            }
        }
    }

    func json() -> [UInt8] {
        ResponseBody.data { writer in
            writer.beginObject()
            let lists: [(StaticString, MemberScope, [UserID])] = [
                ("admins", .admin, body.admins), ("moderators", .moderator, body.moderators),
                ("participants", .participant, body.participants),
            ]
            for (name, scope, uids) in lists {
                writer.key(name)
                writer.beginObject()
                for uid in Self.once(uids) { writer.member(of: uid, failure(of: uid, scope)) }
                writer.endObject()
            }
            writer.key("usersToBan")
            writer.beginObject()
            for uid in Self.once(body.usersToBan) {
                writer.member(of: uid, APIFailure(.badRequest, "banning is not offered yet"))
            }
            writer.endObject()
            writer.endObject()
        }
    }

    /// Who stands in several lists was added by the highest one.
    private func failure(of uid: UserID, _ scope: MemberScope) -> APIFailure? {
        guard let outcome = outcomes[uid] else { return APIFailure(.missionFailed, "nothing was done for this user") }
        guard outcome.failure == nil, outcome.scope != scope else { return outcome.failure }
        return APIFailure(.alreadyJoined, "the user was added as \(outcome.scope.rawValue)")
    }

    private static func once(_ uids: [UserID]) -> [UserID] {
        var seen: Set<UserID> = []
        return uids.filter { seen.insert($0).inserted }
    }
}
