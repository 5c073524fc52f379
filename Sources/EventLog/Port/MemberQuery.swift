public import ChatModel

/// A page of a group's members, in order of joining and then by uid. Who may ask is the caller's to judge.
public struct MemberQuery: Sendable, Equatable {
    public let app: AppNumber
    public let guid: GroupID
    /// Empty: any scope.
    public var scopes: [MemberScope] = []
    /// Part of the name or of the uid, in any case.
    public var searchKey: String?
    public var status: UserQuery.Status?
    public var page = PageNumber()

    public init(app: AppNumber, guid: GroupID) {
        self.app = app
        self.guid = guid
    }
}
