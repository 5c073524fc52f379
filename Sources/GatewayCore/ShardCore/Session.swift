internal import ChatModel

/// One realtime connection as its shard knows it: a slot of a flat table, so everything here counts for memory. What
/// matters only until it is live hangs off in `opening` and `replay`.
struct Session {
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let isBackground = Flags(rawValue: 1)
        static let isManual = Flags(rawValue: 2)
        /// Has frames queued that its shard has not been told of.
        static let isTouched = Flags(rawValue: 4)
        /// Its socket takes nothing for the moment.
        static let isBlocked = Flags(rawValue: 8)
        /// `connect` was posted and `disconnected` not yet.
        static let isKnownToCore = Flags(rawValue: 16)
        static let isReadingPaused = Flags(rawValue: 32)
    }

    /// A frame that waits for its answer under a `ref`.
    struct Request {
        let number: UInt64
        let ref: String
    }

    var reference = ConnectionReference.none
    var phase = SessionPhase.free
    var flags: Flags = []
    var following = PresenceFollowing.nobody
    var frameCount: UInt32 = 0
    var badFrameCount: UInt32 = 0
    var typingCount: UInt32 = 0

    /// Index of the app's tables; `noSlot` before `auth`.
    var app = noSlot
    /// The user's number while established.
    var user = noSlot
    var nextOfUser = noSlot
    var previousOfUser = noSlot
    var queue = noSlot
    /// Place in the app's list of `ALL_USERS` subscribers.
    var subscriberIndex = noSlot

    var requestsInFlight: UInt16 = 0
    var lastRequest: UInt32 = 0
    var requests: [Request] = []

    var uid = UserID(trusted: "")
    var sessionID: SessionID?
    var token: TokenKey?

    /// The window of the frame and bad frame counts; of the typing count.
    var minuteStartMs: Int64 = 0
    var secondStartMs: Int64 = 0
    var lastPingMs: Int64 = 0
    /// Auth, verdict or ping: what the phase waits for.
    var dueMs = Int64.max
    var expiresMs = Int64.max
    var presenceCursor: UInt64 = 0

    var opening: SessionOpening?
    var replay: SessionReplay?
    var pendingPresence: PendingPresence?
}

/// Tells tokens apart: the first 128 bits of a SHA-256.
struct TokenKey: Equatable {
    private let high: UInt64
    private let low: UInt64

    init(_ hash: TokenHash) {
        high = Self.word(hash.bytes[0..<8])
        low = Self.word(hash.bytes[8..<16])
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
