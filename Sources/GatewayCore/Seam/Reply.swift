public import ChatModel
public import WireProtocol

/// The core's answer to one command. It rides in the decision's place, so it reaches the shard after the commit and in
/// order with everything else.
public struct Reply: Sendable {
    public let address: ReplyAddress
    public let body: ReplyBody

    public init(address: ReplyAddress, body: ReplyBody) {
        self.address = address
        self.body = body
    }
}

public enum ReplyBody: Sendable {
    case connected(SessionSnapshot)
    /// A refused `connect`: what the `auth` answer says and what the connection is closed with.
    case connectRefused(APIFailure, status: AuthStatus, close: CloseReason)
    /// A sent message; `duplicate`: it is the first one with that `muid`.
    case message(MessageView, duplicate: Bool)
    case user(UserView)
    case token(TokenRecord, UserView)
    case group(GroupView)
    case members(AddOutcome)
    /// A new group, and what became of those named with it.
    case groupCreated(GroupView, AddOutcome)
    case friends([UserResult])
    case blocks([UserResult])
    case presence([UserPresence])
    case onlineCounts([GroupID: Int])
    case done
    case failed(APIFailure)

    /// What became of each user of an add: whom it did not refuse.
    public struct AddOutcome: Sendable {
        public var added: [(draft: MemberDraft, failure: APIFailure?)] = []
        public var banned: [(uid: UserID, failure: APIFailure?)] = []

        public init() {}
    }

    /// What became of one of the users that a command names.
    public struct UserResult: Sendable {
        public let uid: UserID
        public let failure: APIFailure?

        public init(uid: UserID, failure: APIFailure?) {
            self.uid = uid
            self.failure = failure
        }
    }
}

/// The numeric `code` of a refused `auth` answer (protocol.md §3.1), sent as a string.
public enum AuthStatus: Int, Sendable {
    case malformed = 400
    case unauthorized = 401
    case forbidden = 403
    case tooMany = 429
    /// Nobody could decide; the client should come back.
    case unavailable = 503
}

/// What a shard must know of a user to serve a connection, exact at the position where it walks it.
public struct SessionSnapshot: Sendable {
    public let connection: ConnectionReference
    public let user: UserView
    public let token: TokenHash?
    /// Unix seconds; an app-signed JWT's end.
    public let expiresAt: Int64?
    public let groups: [GroupID]
    public let friends: [UserID]
    /// Whom the user has blocked, and who has blocked the user: those of whom they hear nothing.
    public let blocked: [UserID]

    public init(
        connection: ConnectionReference, user: UserView, token: TokenHash?, expiresAt: Int64?, groups: [GroupID],
        friends: [UserID], blocked: [UserID] = []
    ) {
        self.connection = connection
        self.user = user
        self.token = token
        self.expiresAt = expiresAt
        self.groups = groups
        self.friends = friends
        self.blocked = blocked
    }
}

/// Who is online now, and with which connections.
public struct UserPresence: Sendable {
    public struct Live: Sendable {
        public let session: SessionID
        public let deviceID: String?
        public let platform: String?
        public let appState: AppState
        /// Unix seconds.
        public let connectedAt: Int64

        public init(session: SessionID, deviceID: String?, platform: String?, appState: AppState, connectedAt: Int64) {
            self.session = session
            self.deviceID = deviceID
            self.platform = platform
            self.appState = appState
            self.connectedAt = connectedAt
        }
    }

    public let uid: UserID
    public let online: Bool
    public let lastActiveAt: Int64?
    public let connections: [Live]

    public init(uid: UserID, online: Bool, lastActiveAt: Int64?, connections: [Live]) {
        self.uid = uid
        self.online = online
        self.lastActiveAt = lastActiveAt
        self.connections = connections
    }
}
