public enum ReceiptKind: String, Sendable, CaseIterable {
    case delivered, read
}

/// How far one reader has come in one conversation. Cumulative: all up to and including `messageID`.
public struct ReceiptMark: Sendable, Equatable {
    public let kind: ReceiptKind
    /// nil: the mark that every member but the author has reached (`deliveredToAll`, `readByAll`); groups only.
    public let reader: UserID?
    public let messageID: Int64
    /// Unix seconds of the move.
    public let at: Int64
    /// Log position of the move.
    public let seq: Int64

    public init(kind: ReceiptKind, reader: UserID?, messageID: Int64, at: Int64, seq: Int64) {
        self.kind = kind
        self.reader = reader
        self.messageID = messageID
        self.at = at
        self.seq = seq
    }
}

/// A receipt for one author, as it is sent: live, or restated on replay.
public struct ReceiptEvent: Sendable {
    public enum Action: String, Sendable, CaseIterable {
        case delivered, read, deliveredToAll, readByAll
    }

    public let action: Action
    public let conversation: Conversation
    /// The reader; nil for the …ToAll actions, which come from `app_system`.
    public let reader: UserView?
    public let author: UserID
    public let messageID: Int64
    /// Unix seconds.
    public let at: Int64
    public let seq: Int64

    public init(
        action: Action, conversation: Conversation, reader: UserView?, author: UserID, messageID: Int64, at: Int64,
        seq: Int64
    ) {
        self.action = action
        self.conversation = conversation
        self.reader = reader
        self.author = author
        self.messageID = messageID
        self.at = at
        self.seq = seq
    }
}
