public import ChatModel

/// What a `HistoryQuery` finds: judged and read in one snapshot.
public enum HistoryAnswer: Sendable {
    case page(HistoryPage)
    /// The viewer is no member of the group. Its type is told because a private group does not exist for them.
    case notAMember(GroupType)
    case unknownGroup
}

public struct HistoryPage: Sendable {
    /// Ascending by id, whatever the affix.
    public let messages: [MessageView]
    /// The id to give as the cursor, with the same affix, for the next page; nil: there is none. It need not be the id
    /// of a message in this page: a filter that matches rarely ends the search for one page early.
    public let next: Int64?

    public init(messages: [MessageView], next: Int64?) {
        self.messages = messages
        self.next = next
    }
}
