/// A piece of state that the core holds as a cache of the store, and waits for when it is not in memory.
public enum EntityKey: Hashable, Sendable {
    case user(AppNumber, UserID)
    case group(AppNumber, GroupID)
    case pair(AppNumber, first: UserID, second: UserID)
    case token(AppNumber, TokenHash)
    case message(AppNumber, Int64)
    /// What a user did with a message.
    case engagement(AppNumber, message: Int64, UserID)
}

/// What the store held for an `EntityKey`, read in one snapshot.
public enum LoadedEntity: Sendable {
    case user(LoadedUser)
    case group(LoadedGroup)
    case pair(LoadedConversation)
    /// nil: unknown or deleted.
    case token(TokenRecord?)
    case message(MessageRecord?)
    case engagement(LoadedEngagement)
}

public struct LoadedEngagement: Sendable, Equatable {
    public struct Given: Sendable, Equatable {
        public let reaction: String
        /// See `Reaction.id`.
        public let id: Int64
        /// Unix seconds.
        public let at: Int64

        public init(reaction: String, id: Int64, at: Int64) {
            self.reaction = reaction
            self.id = id
            self.at = at
        }
    }

    /// In order of their giving.
    public var reactions: [Given]
    /// In order of their first time.
    public var interactions: [Interaction]
    /// Whether the goal was reached once.
    public var hasCompleted: Bool

    public init(reactions: [Given], interactions: [Interaction], hasCompleted: Bool) {
        self.reactions = reactions
        self.interactions = interactions
        self.hasCompleted = hasCompleted
    }
}

public struct LoadedUser: Sendable {
    /// nil: there is no such user.
    public var record: UserRecord?
    public var lastActiveAt: Int64?
    public var memberships: [Membership]
    public var friends: [UserID]
    /// Whom the user has blocked.
    public var blocks: [UserID]
    /// Who has blocked the user.
    public var blockedBy: [UserID]

    public init(
        record: UserRecord?, lastActiveAt: Int64?, memberships: [Membership], friends: [UserID],
        blocks: [UserID] = [], blockedBy: [UserID] = []
    ) {
        self.record = record
        self.lastActiveAt = lastActiveAt
        self.memberships = memberships
        self.friends = friends
        self.blocks = blocks
        self.blockedBy = blockedBy
    }
}

public struct LoadedGroup: Sendable {
    /// nil: there is no such group.
    public var record: GroupRecord?
    public var members: [Membership]
    /// Ascending by position and then uid; as many as the core lets a group have.
    public var bans: [Ban]
    public var conversation: LoadedConversation

    public init(
        record: GroupRecord?, members: [Membership], bans: [Ban] = [], conversation: LoadedConversation
    ) {
        self.record = record
        self.members = members
        self.bans = bans
        self.conversation = conversation
    }
}

/// A conversation's receipt state: the marks, and who wrote the latest messages.
public struct LoadedConversation: Sendable {
    public struct Authored: Sendable, Equatable {
        public let id: Int64
        public let author: UserID

        public init(id: Int64, author: UserID) {
            self.id = id
            self.author = author
        }
    }

    public static let latestMax = 256

    public var marks: [ReceiptMark]
    /// Ascending by id, at most `latestMax`, the newest ones; `message`, `custom` categories only.
    public var latest: [Authored]
    /// Who has set their reading back, and to where: see `ConversationChange.readPointer`. By uid.
    public var readPointers: [ReadPointer]

    public struct ReadPointer: Sendable, Equatable {
        public let reader: UserID
        public let messageID: Int64

        public init(reader: UserID, messageID: Int64) {
            self.reader = reader
            self.messageID = messageID
        }
    }

    public init(marks: [ReceiptMark], latest: [Authored], readPointers: [ReadPointer] = []) {
        self.marks = marks
        self.latest = latest
        self.readPointers = readPointers
    }
}
