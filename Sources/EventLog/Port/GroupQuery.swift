public import ChatModel

/// A page of groups, by name and then guid. Private groups are listed for their members only.
public struct GroupQuery: Sendable, Equatable {
    public let app: AppNumber
    /// Whose list it is; nil: the system, which sees every group.
    public let viewer: UserID?
    /// Part of the name or of the guid, in any case.
    public var searchKey: String?
    /// Any one of these; empty: whatever the tags.
    public var tags: [String] = []
    /// Empty: any type.
    public var types: [GroupType] = []
    /// Only those that the viewer is a member of; with no viewer, none.
    public var joinedOnly = false
    public var page = PageNumber()

    public init(app: AppNumber, viewer: UserID?) {
        self.app = app
        self.viewer = viewer
    }
}
