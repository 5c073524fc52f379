/// Why a client's frame is not acted upon, and what the client is told. Value.
public struct FrameRefusal: Error, Sendable, Equatable {
    /// What a refused `auth` frame said of itself, for the answer; empty where it said nothing usable.
    public struct AuthEcho: Sendable, Equatable {
        public let appID: String
        public let session: String
        public let sender: String
    }

    public let failure: APIFailure
    /// The frame's own, when it could be read.
    public let ref: String?
    /// Counts towards `badFramesPerMinute`: the frame breaks the protocol, not only a rule of the chat.
    public let isBadFrame: Bool
    /// Set when the frame is an `auth` frame: answered with `auth` code 400, then closed 4003.
    public let auth: AuthEcho?

    public init(_ failure: APIFailure, ref: String? = nil, auth: AuthEcho? = nil) {
        self.failure = failure
        self.ref = ref
        self.auth = auth
        isBadFrame = failure.code == .badRequest
    }
}
