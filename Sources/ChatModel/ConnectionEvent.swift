/// What became of a user's connections: a line of the app's event feed and nothing else. Value; crosses threads.
public struct ConnectionEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case connected(Session)
        /// `code`: what the connection was ended with (protocol.md §5); 1006: it broke off.
        case disconnected(Session, code: UInt16)
        /// The user's first connection authenticated.
        case online
        /// The last one is gone and the grace period has passed.
        case offline
    }

    public struct Session: Sendable, Equatable {
        public let id: SessionID
        public let deviceID: String?
        public let platform: String?

        public init(id: SessionID, deviceID: String?, platform: String?) {
            self.id = id
            self.deviceID = deviceID
            self.platform = platform
        }
    }

    public let kind: Kind
    public let uid: UserID
    /// Unix seconds.
    public let at: Int64

    public init(kind: Kind, uid: UserID, at: Int64) {
        self.kind = kind
        self.uid = uid
        self.at = at
    }
}
