public import ChatModel

/// A page of stored messages (protocol.md §7, Lists).
public struct HistoryQuery: Sendable, Equatable {
    public enum Scope: Sendable, Equatable {
        /// All that the viewer sent, received or saw as a member at its time. Without a viewer: all of the app.
        case everything
        /// The 1:1 conversation of the viewer with this user. Without a viewer: all 1:1 messages of this user.
        case user(UserID)
        /// The group's whole history, also from before the viewer's joining. A viewer must be a member.
        ///
        /// What the viewer hid of a conversation is in no scope of theirs.
        case group(GroupID)
    }

    /// Where the page starts, exclusive.
    public enum Cursor: Sendable, Equatable {
        case id(Int64)
        /// Unix seconds: all messages of that second are left out.
        case sentAt(Int64)
    }

    public enum Affix: String, Sendable, CaseIterable {
        /// Older than the cursor; without a cursor the newest page.
        case prepend
        /// Newer than the cursor; without a cursor the oldest page.
        case append
    }

    public static let limitMax = 100

    public let app: AppNumber
    /// nil: the system itself, which may read everything.
    public let viewer: UserID?
    public let scope: Scope
    public var cursor: Cursor?
    public var affix: Affix = .prepend
    /// Empty: every category.
    public var categories: [MessageCategory] = []
    /// Empty: every type.
    public var types: [String] = []
    /// Any one of these; empty: whatever the tags.
    public var tags: [String] = []
    /// Only what the viewer has not read: others' messages that count, behind where their reading stands. In
    /// `everything`: of the groups they are a member of, since they joined. Without a viewer: nothing.
    public var unreadOnly = false
    public var hideDeleted = false
    /// Only messages with all of these words; the last one may be the beginning of one. Text without a word finds nothing.
    public var searchKey: String?
    /// Only the replies to this message.
    public var parentID: Int64?
    /// Leaves replies out; ignored with a `parentID`.
    public var hideReplies = false
    /// 1…`limitMax`; more is taken as `limitMax`.
    public var limit = 30

    public init(app: AppNumber, viewer: UserID?, scope: Scope) {
        self.app = app
        self.viewer = viewer
        self.scope = scope
    }
}
