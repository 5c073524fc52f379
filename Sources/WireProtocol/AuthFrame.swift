public import ChatModel

/// Whose presence a connection follows.
public enum PresenceSubscription: Sendable, Equatable {
    case none, allUsers, friends
    /// Never empty.
    case roles([String])
}

/// A well-formed `auth` frame (protocol.md §3.1); nothing in it is believed yet. Value.
public struct AuthFrame: Sendable, Equatable {
    public var appID: String
    public var session: SessionID
    public var sender: UserID
    /// A gateway JWT, an app-signed JWT, or an auth token. Never logged.
    public var credential: String
    public var presence: PresenceSubscription
    /// Of the installation, from `body.params`.
    public var deviceID: String?
    public var platform: String?
    public var mode: ConnectionMode
    public var appState: AppState
    /// `resume.lastSeq`; nil: nothing is to be replayed.
    public var resumeAfter: Int64?

    public init(
        appID: String, session: SessionID, sender: UserID, credential: String, presence: PresenceSubscription = .none,
        deviceID: String? = nil, platform: String? = nil, mode: ConnectionMode = .auto,
        appState: AppState = .foreground, resumeAfter: Int64? = nil
    ) {
        self.appID = appID
        self.session = session
        self.sender = sender
        self.credential = credential
        self.presence = presence
        self.deviceID = deviceID
        self.platform = platform
        self.mode = mode
        self.appState = appState
        self.resumeAfter = resumeAfter
    }
}
