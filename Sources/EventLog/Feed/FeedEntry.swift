internal import ChatModel

/// A line of the feed before it has a number: what a change tells the app's backend, in both stores alike.
enum FeedEntry {
    case message(Int64)
    case mark(Conversation, ReceiptMark)
    case group(FeedLine.GroupChange, GroupID)
    case block(UserID, blocked: UserID, exists: Bool)
    /// At the decision's position.
    case reaction, completion
    case connection(ConnectionEvent)

    /// nil: the change is no event. A new kind of change gets its line here, and its columns in `FeedRow`.
    ///
    /// - Parameter ownerBefore: who owns the group before the change; nil: there is no such group.
    init?(_ change: Change, ownerBefore: (GroupID) throws -> UserID?) rethrows {
        switch change {
        case .message(let record): self = .message(record.id)
        case .mark(let conversation, let mark): self = .mark(conversation, mark)
        case .group(let record):
            switch try ownerBefore(record.guid) {
            case nil: self = .group(.created, record.guid)
            case record.owner?: self = .group(.updated, record.guid)
            default: self = .group(.ownerTransferred(to: record.owner), record.guid)
            }
        case .groupDeleted(let guid):
            guard try ownerBefore(guid) != nil else { return nil }
            self = .group(.deleted, guid)
        case .block(let uid, let blocked, let exists): self = .block(uid, blocked: blocked, exists: exists)
        case .connection(let event): self = .connection(event)
        // These come with a message of their own.
        case .memberAdded, .memberRemoved, .banned, .unbanned, .messageChanged, .call: return nil
        case .reaction: self = .reaction
        case .interaction(let change):
            guard change.completion != nil else { return nil }
            self = .completion
        case .user, .userDeleted, .lastActive, .token, .tokenDeleted, .tokensDeleted, .friendship, .conversation:
            return nil
        }
    }

    /// Log position of the line; 0: none. `decided`: that of the decision.
    func seq(decided: Int64) -> Int64 {
        switch self {
        case .message(let id): id
        case .mark(_, let mark): mark.seq
        case .group, .reaction, .completion: decided
        case .block, .connection: 0
        }
    }
}

/// How many lines back connection events are kept, and how far ahead numbers are reserved where commits are not synced.
enum FeedRule {
    static let linesKept: Int64 = 100_000
    static let reservedAhead: Int64 = 10_000
    /// Rows that one page looks at, as a multiple of its limit, when most of them point to what is gone.
    static let examinedPerLine = 8

    /// Names one start of the log among all.
    static func newBootID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
