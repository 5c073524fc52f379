internal import ChatModel
internal import EventLog
internal import WireProtocol

/// The parameters of a history (protocol.md §7, Lists), read and judged. Value.
struct HistoryFilters: Sendable {
    let affix: HistoryQuery.Affix
    private let cursor: HistoryQuery.Cursor?
    private let categories: [MessageCategory]
    private let types: [String]
    private let parentID: Int64?
    private let hideReplies: Bool
    private let tags: [String]
    private let searchKey: String?
    private let hideDeleted: Bool
    let unreadOnly: Bool
    let limit: Int

    init(_ call: RouteCall) throws(APIFailure) {
        searchKey = call.text("searchKey")
        unreadOnly = try call.flag("unread")
        hideDeleted = try call.flag("hideDeleted")
        tags = call.list("tags")

        affix = try call.word("affix") ?? .prepend
        let id = try call.integer("id")
        let sentAt = try call.integer("sentAt")
        cursor = id.map { .id($0) } ?? sentAt.map { .sentAt($0) }
        categories = try call.words("category") + call.words("categories")
        types = call.list("type") + call.list("types")
        parentID = try call.integer("parentId", 1...Int64.max)
        hideReplies = try call.flag("hideReplies")
        limit = try call.perPage()
    }

    func query(app: AppNumber, viewer: UserID?, _ scope: HistoryQuery.Scope) -> HistoryQuery {
        var query = HistoryQuery(app: app, viewer: viewer, scope: scope)
        query.affix = affix
        query.cursor = cursor
        query.categories = categories
        query.types = types
        query.parentID = parentID
        query.hideReplies = hideReplies
        query.tags = tags
        query.searchKey = searchKey
        query.unreadOnly = unreadOnly
        query.hideDeleted = hideDeleted
        query.limit = limit
        return query
    }
}
