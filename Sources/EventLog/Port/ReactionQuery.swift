public import ChatModel

/// A page of the reactions that stand on one message, in order of their giving. Who may ask is the caller's to judge.
public struct ReactionQuery: Sendable, Equatable {
    public static let limitMax = 100

    public let app: AppNumber
    public let messageID: Int64
    /// Only this one; nil: all.
    public var reaction: String?
    /// The id of a reaction, exclusive.
    public var cursor: Int64?
    public var affix: HistoryQuery.Affix = .prepend
    /// 1…`limitMax`; more is taken as `limitMax`.
    public var limit = 30

    public init(app: AppNumber, messageID: Int64) {
        self.app = app
        self.messageID = messageID
    }
}

/// What a `ReactionQuery` finds. Value.
public struct ReactionPage: Sendable {
    /// Ascending by id, whatever the affix; none for a message that does not exist.
    public let reactions: [Reaction]

    public init(reactions: [Reaction]) {
        self.reactions = reactions
    }
}
