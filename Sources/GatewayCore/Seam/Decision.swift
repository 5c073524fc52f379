public import ChatModel
public import WireProtocol

/// One decided step of an app: what the log writes, what the shards then do, and the answer. FIFO from the core through
/// the log to every shard, so everyone sees the same order. Value; crosses threads.
public struct Decision: Sendable {
    public let app: AppNumber
    /// The event's log position; 0 when the decision has none.
    public let seq: Int64
    /// Unix seconds; 0 where nothing durable needs it.
    public let at: Int64
    /// What becomes durable; empty: the decision only keeps its place (refusals, sessions, disconnects).
    public let changes: [Change]
    /// What each shard does when it walks the decision, in this order. Ignored when the log finds a duplicate `muid`.
    public let projections: [Projection]
    public let reply: Reply?
    /// Returned to its shard when every shard has walked the decision.
    public let credit: Credit

    public init(
        app: AppNumber, seq: Int64 = 0, at: Int64 = 0, changes: [Change] = [], projections: [Projection] = [],
        reply: Reply? = nil, credit: Credit = .none
    ) {
        self.app = app
        self.seq = seq
        self.at = at
        self.changes = changes
        self.projections = projections
        self.reply = reply
        self.credit = credit
    }
}

/// What a shard takes before it posts a durable command: bounds all work between the shards and their walk.
public struct Credit: Sendable, Hashable {
    public static let none = Credit(shard: 0, commands: 0, bytes: 0)

    public let shard: UInt16
    public let commands: Int32
    public let bytes: Int32

    public init(shard: UInt16, commands: Int32, bytes: Int32) {
        self.shard = shard
        self.commands = commands
        self.bytes = bytes
    }
}

/// One effect of a decision on the shards.
public enum Projection: Sendable {
    /// To the receiver's (or members') and the sender's connections, the origin excepted. `alsoTo`: the affected user
    /// of a membership action, who may be no member (any more) when it is walked.
    case message(MessageEvent)
    /// To the author's and the reader's connections, the origin excepted.
    case receipt(ReceiptEvent, origin: Origin?)
    /// To the reader's connections only, the origin excepted: the author has had their share of them.
    case ownReceipt(ReceiptEvent, origin: Origin?)
    /// To the conversation's audience, the origin excepted.
    case reaction(ReactionEvent, origin: Origin?)
    /// To the author's connections, the origin excepted.
    case completion(CompletionEvent, origin: Origin?)
    /// Changes the interest tables from here on: members get what follows.
    case memberAdded(GroupID, UserID)
    case memberRemoved(GroupID, UserID)
    case groupDeleted(GroupID)
    case friendship(UserID, UserID, exists: Bool)
    /// At least one of the two blocks the other from here on, or neither does: they hear nothing of each other.
    case blocked(UserID, UserID, isBlocked: Bool)
    /// The user is nobody's friend and in no block any more; a uid made again starts anew.
    case userForgotten(UserID)
    /// Connections opened with this token (nil: every one of the user) are closed with `reason`.
    case disconnect(UserID, token: TokenHash?, reason: CloseReason)
    case disconnectApp(rate: Int)
    /// Moves presence subscriptions by role and what is shown of the user.
    case userChanged(UserRecord)
}

/// A durable message on its way to its audience.
public struct MessageEvent: Sendable {
    public let view: MessageView
    public let origin: Origin?
    public let alsoTo: UserID?

    public init(view: MessageView, origin: Origin?, alsoTo: UserID? = nil) {
        self.view = view
        self.origin = origin
        self.alsoTo = alsoTo
    }
}

/// An event that skips the log: best effort, latest state wins. Core → fan-out workers → every shard.
public struct EphemeralEvent: Sendable {
    public enum Kind: Sendable {
        case presence(online: Bool, atSeconds: Int64)
        case typing(receiver: Receiver, started: Bool, metadata: JSONBytes?)
        case transient(receiver: Receiver, data: JSONBytes)
    }

    public let app: AppNumber
    /// The user it is about: who came or went, types, or sent.
    public let user: UserView
    public let origin: Origin?
    public let kind: Kind
    /// Only this user gets it, blocked or not; nil: whoever `kind` means.
    public let soleReceiver: UserID?

    public init(app: AppNumber, user: UserView, origin: Origin?, kind: Kind, soleReceiver: UserID? = nil) {
        self.app = app
        self.user = user
        self.origin = origin
        self.kind = kind
        self.soleReceiver = soleReceiver
    }
}
