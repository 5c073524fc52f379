public import ChatModel

/// What a shard (or a route on it) asks the core to decide: parsed, validated and bounded. Value; crosses threads.
public struct Command: Sendable {
    public let app: AppNumber
    public let caller: Caller
    /// The connection or session the resulting events come from; nil: they have no origin.
    public let origin: Origin?
    /// Where the answer goes; nil: nobody waits for one.
    public let replyTo: ReplyAddress?
    public let operation: Operation

    public init(
        app: AppNumber, caller: Caller, origin: Origin? = nil, replyTo: ReplyAddress? = nil, operation: Operation
    ) {
        self.app = app
        self.caller = caller
        self.origin = origin
        self.replyTo = replyTo
        self.operation = operation
    }
}

/// On whose authority a command comes.
public enum Caller: Sendable {
    /// An authenticated realtime connection, known to the core since its `connect`.
    case connection(ConnectionReference)
    /// REST with an auth token: the core resolves it to a user, or refuses.
    case token(TokenHash)
    /// REST with the app's auth key: may create users and tokens.
    case authKey
    /// Full access, acting as itself or as a user. Not rate limited.
    case backend(onBehalfOf: UserID?)
}

/// Where an event came from: whoever it is never gets its own event.
public enum Origin: Sendable, Hashable {
    case connection(ConnectionReference, SessionID)
    /// The REST header `resource`: ignored unless the caller's own user holds that session.
    case session(SessionID)
}

/// A request waiting on a shard. The shard makes `request` unique per connection.
public struct ReplyAddress: Sendable, Hashable {
    public let connection: ConnectionReference
    public let request: UInt64

    public init(connection: ConnectionReference, request: UInt64) {
        self.connection = connection
        self.request = request
    }
}

public enum Operation: Sendable {
    // Realtime.
    case connect(ConnectRequest)
    /// The connection is gone, whatever the reason; posted exactly once per admitted or refused `connect`.
    /// `code`: what it was ended with.
    case disconnected(ConnectionReference, code: UInt16)
    case appState(AppState)
    case typing(receiver: Receiver, started: Bool, metadata: JSONBytes?)
    case transient(receiver: Receiver, data: JSONBytes)
    case receipt(ReceiptKind, receiver: Receiver, messageID: Int64)
    /// The core's own: the receipts that a large group gathered become marks.
    case settleReceipts(GroupID)

    // Messages.
    case send(MessageDraft)
    case editMessage(Int64, MessageEdit)
    case deleteMessage(Int64)
    /// Gives a reaction, or takes it back.
    case react(Int64, String, given: Bool)
    /// Ids of the elements that were used; the terms are those of the message.
    case interact(Int64, [String], InteractionTerms)

    // The caller's own side of a conversation.
    /// From that message on, it included, all is unread again.
    case markUnread(Receiver, messageID: Int64)
    case hideConversation(Receiver)
    case tagConversation(Receiver, [String])

    // Users, tokens, friends.
    case createUser(UserID, UserFields, withToken: TokenHash?)
    case updateUser(UserID, UserFields)
    /// `PUT me` with fields of the caller's own record.
    case updateSelf(UserFields)
    case deleteUser(UserID, permanent: Bool)
    case createToken(UserID, TokenHash)
    /// One token of the user, or all of them.
    case deleteTokens(UserID, TokenHash?)
    /// `DELETE me`: the caller's own token.
    case logout
    case addFriends(UserID, [UserID])
    case removeFriends(UserID, [UserID])
    /// The caller blocks them, or no longer does.
    case block([UserID])
    case unblock([UserID])

    // Groups.
    /// The owner is the caller, or `owner` when the backend acts as itself. `members` join with the group, `bans` never.
    case createGroup(GroupID, GroupFields, owner: UserID?, members: [MemberDraft], bans: [UserID] = [])
    case updateGroup(GroupID, GroupFields)
    case transferGroup(GroupID, to: UserID)
    case deleteGroup(GroupID)
    /// `passwordHash`: the hash that the given password was found to match; it opens the group while it is still the
    /// group's own.
    case join(GroupID, passwordHash: String? = nil)
    case leave(GroupID)
    /// `bans` first: who stands in both is banned.
    case addMembers(GroupID, [MemberDraft], bans: [UserID] = [])
    case kick(GroupID, UserID)
    case ban(GroupID, UserID)
    case unban(GroupID, UserID)
    case changeScope(GroupID, UserID, to: MemberScope)

    // Calls.
    case startCall(CallDraft)
    case updateCall(CallSessionID, CallInput)
    /// The core's own: what nobody asks for (`timeout`, `vanish`), of or by this user.
    case callStep(CallSessionID, CallInput, UserID)

    // Live connections.
    case disconnectUser(UserID, TokenHash?)
    /// All connections of the app; the shards pace it by `rate` connections per second (0: at once).
    case disconnectApp(rate: Int)
    case presence([UserID])
    case onlineMembers(GroupID)
    /// How many members of each are online; groups that the caller may not know of are left out of the answer.
    case countOnline([GroupID])
}

/// An `auth` frame whose credential was verified as far as that goes without the core.
public struct ConnectRequest: Sendable {
    public let connection: ConnectionReference
    public let session: SessionID
    /// The envelope's `sender`; must be the credential's user.
    public let uid: UserID
    public let credential: VerifiedCredential
    public let deviceID: String?
    public let platform: String?
    public let appState: AppState
    /// Unix seconds.
    public let connectedAt: Int64

    public init(
        connection: ConnectionReference, session: SessionID, uid: UserID, credential: VerifiedCredential,
        deviceID: String?, platform: String?, appState: AppState, connectedAt: Int64
    ) {
        self.connection = connection
        self.session = session
        self.uid = uid
        self.credential = credential
        self.deviceID = deviceID
        self.platform = platform
        self.appState = appState
        self.connectedAt = connectedAt
    }
}

public enum VerifiedCredential: Sendable {
    /// An auth token, or a gateway JWT bound to one: the core still has to know the token.
    case token(TokenHash)
    /// A JWT signed by the app's own backend, valid for this uid until `expiresAt` (Unix seconds, skew included).
    case appSigned(UserID, expiresAt: Int64)
}
