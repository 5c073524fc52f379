/// Whom a message, typing or transient event is for.
public enum Receiver: Hashable, Sendable {
    case user(UserID)
    case group(GroupID)
}

/// The two parties of a 1:1 conversation, sorted, or a group.
public enum Conversation: Hashable, Sendable {
    /// `first <= second`; equal when a user writes to themself.
    case pair(first: UserID, second: UserID)
    case group(GroupID)

    public init(sender: UserID, receiver: Receiver) {
        switch receiver {
        case .user(let other):
            self = sender < other ? .pair(first: sender, second: other) : .pair(first: other, second: sender)
        case .group(let guid): self = .group(guid)
        }
    }

    /// Whom something that this party says there is for.
    public func receiver(from party: UserID) -> Receiver {
        switch self {
        case .pair(let first, let second): .user(party == first ? second : first)
        case .group(let guid): .group(guid)
        }
    }

    /// `<uid>_user_<uid>` with the uids sorted, or `group_<guid>` (protocol.md §6).
    public var id: String {
        switch self {
        case .pair(let first, let second): "\(first.text)_user_\(second.text)"
        case .group(let guid): "group_\(guid.text)"
        }
    }
}

public enum MessageCategory: String, Sendable, CaseIterable {
    case message, custom, action, call, interactive

    /// Whether somebody else's message of the category is unread until it is read (protocol.md §6.4).
    public var countsAsUnread: Bool { self == .message || self == .custom || self == .interactive }
}

/// A message as the store keeps it: the body without entities. Immutable; an edit makes a new record. Any thread.
///
/// Times are Unix seconds. `id` is the log position.
public final class MessageRecord: Sendable {
    public let id: Int64
    /// The client's own id; unique per sender within 24 h.
    public let muid: String?
    public let sender: UserID
    public let receiver: Receiver
    public let category: MessageCategory
    public let type: String
    /// The `data` object as sent (with `metadata` moved in), always an object, without `entities`.
    public let data: JSONBytes
    public let tags: [String]
    public let parentID: Int64?
    public let sentAt: Int64
    /// The session the message came from: stamped as `deviceId`, and never replayed to it.
    public let originSession: SessionID?
    /// What a message of the gateway's own making is about; nil for what users send.
    public let subject: MessageSubject?
    /// The latest edit; `data` is what it left.
    public let edit: MessageStamp?
    /// Set when the message was deleted: `data` is empty then.
    public let deletion: MessageStamp?
    /// Who is mentioned in the text, in order of appearance; `data` has no more of them than the tokens.
    public let mentions: [UserID]
    /// Replies that are not deleted. Counted by the store alone: what a change brings is ignored there.
    public let replyCount: Int
    /// Each reaction that stands, in order of its first appearance.
    public let reactions: [ReactionCount]

    public init(
        id: Int64, muid: String? = nil, sender: UserID, receiver: Receiver, category: MessageCategory, type: String,
        data: JSONBytes, tags: [String] = [], parentID: Int64? = nil, sentAt: Int64, originSession: SessionID? = nil,
        subject: MessageSubject? = nil, edit: MessageStamp? = nil, deletion: MessageStamp? = nil,
        mentions: [UserID] = [], replyCount: Int = 0, reactions: [ReactionCount] = []
    ) {
        self.id = id
        self.muid = muid
        self.sender = sender
        self.receiver = receiver
        self.category = category
        self.type = type
        self.data = data
        self.tags = tags
        self.parentID = parentID
        self.sentAt = sentAt
        self.originSession = originSession
        self.subject = subject
        self.edit = edit
        self.deletion = deletion
        self.mentions = mentions
        self.replyCount = replyCount
        self.reactions = reactions
    }

    public var conversation: Conversation { Conversation(sender: sender, receiver: receiver) }

    /// Whether the message can be its conversation's last one: edits and deletions leave the one they are about there.
    public var standsAsLast: Bool {
        if case .message? = subject { return false }
        return true
    }
}

/// A message with the records its entities are made of, as they are at reading or decision time.
public struct MessageView: Sendable {
    public enum Party: Sendable {
        case user(UserView)
        case group(GroupView)
    }

    /// What stands as `entities.on`.
    public indirect enum Entity: Sendable {
        case user(UserView)
        /// The edited or deleted message as it stands now.
        case message(MessageView)
        /// The call as it stood with the message.
        case call(CallView)
    }

    public let message: MessageRecord
    public let sender: UserView
    public let receiver: Party
    /// Whom or what an action or a call is about.
    public let on: Entity?
    /// 1:1 only: when the receiver's marks passed this message. Unix seconds.
    public let deliveredAt: Int64?
    public let readAt: Int64?
    /// Those of the mentioned who exist.
    public let mentions: [UserView]
    /// What the viewer did with the message; nil in what several users get.
    public let viewer: Engagement?

    public init(
        message: MessageRecord, sender: UserView, receiver: Party, on: Entity? = nil, deliveredAt: Int64? = nil,
        readAt: Int64? = nil, mentions: [UserView] = [], viewer: Engagement? = nil
    ) {
        self.message = message
        self.sender = sender
        self.receiver = receiver
        self.on = on
        self.deliveredAt = deliveredAt
        self.readAt = readAt
        self.mentions = mentions
        self.viewer = viewer
    }
}

/// What a sender asks to send, validated and bounded, before it has an id.
public struct MessageDraft: Sendable {
    public var receiver: Receiver
    public var category: MessageCategory
    public var type: String
    /// See `MessageRecord.data`.
    public var data: JSONBytes
    public var muid: String?
    public var tags: [String]
    public var parentID: Int64?
    /// See `MessageRecord.mentions`; here also those who do not exist.
    public var mentions: [UserID]

    public init(
        receiver: Receiver, category: MessageCategory, type: String, data: JSONBytes, muid: String? = nil,
        tags: [String] = [], parentID: Int64? = nil, mentions: [UserID] = []
    ) {
        self.receiver = receiver
        self.category = category
        self.type = type
        self.data = data
        self.muid = muid
        self.tags = tags
        self.parentID = parentID
        self.mentions = mentions
    }
}
