public import ChatModel

/// A page of a user's conversations, the one with the newest last message first. Listed are those with a last message:
/// 1:1 ones, and groups that the viewer is a member of.
public struct ConversationQuery: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case user, group
    }

    public let app: AppNumber
    public let viewer: UserID
    /// nil: both.
    public var kind: Kind?
    /// Only those with something unread.
    public var unreadOnly = false
    /// Any one of these, which the viewer gave the conversation; empty: whatever the tags.
    public var tags: [String] = []
    public var page = PageNumber()

    public init(app: AppNumber, viewer: UserID) {
        self.app = app
        self.viewer = viewer
    }
}
