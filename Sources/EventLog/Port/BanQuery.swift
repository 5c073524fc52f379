public import ChatModel

/// A page of a group's bans, in order of banning and then by uid. Who may ask is the caller's to judge.
public struct BanQuery: Sendable, Equatable {
    public let app: AppNumber
    public let guid: GroupID
    /// What the banned were; empty: anything, also no members.
    public var scopes: [MemberScope] = []
    /// Part of the name or of the uid, in any case.
    public var searchKey: String?
    public var page = PageNumber()

    public init(app: AppNumber, guid: GroupID) {
        self.app = app
        self.guid = guid
    }
}
