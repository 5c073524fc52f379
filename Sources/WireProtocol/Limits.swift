/// The bounds of protocol.md §9, shared by REST and socket. Immutable after start; a reload makes new ones. 0 = off.
public struct Limits: Sendable, Equatable {
    // Fields, in characters unless the name says bytes.
    public var nameLength = 100
    public var urlLength = 3_000
    public var metadataBytes = 5_120
    public var tags = 25
    public var tagLength = 100
    public var descriptionLength = 255
    /// A client's own message id.
    public var muidBytes = 255
    /// A frame's `ref`.
    public var refBytes = 255
    /// `roles` of one presence subscription.
    public var roles = 25
    /// Of one reaction.
    public var reactionLength = 32
    /// Different users mentioned in one message that are shown; the rest stays text.
    public var mentions = 25
    /// The id of an element of an interactive message.
    public var elementIDLength = 100
    /// Elements in one goal, and in one `PATCH …/interacted`.
    public var interactionElements = 100
    /// Whatever stands for a credential; app-signed JWTs may be long.
    public var credentialBytes = 8_192

    // Whole texts.
    public var messageBytes = 65_536
    public var dataBytes = 10_240
    public var frameBytes = 65_536
    public var bodyBytes = 1_048_576
    public var uploadBytes = 104_857_600

    // Counts.
    public var connectionsPerUser = 50
    public var groupsPerUser = 2_000
    public var friendsPerUser = 1_000
    public var blockedPerUser = 1_000
    public var membersPerGroup = 100_000
    public var membersPerAdd = 25
    public var bansPerGroup = 100_000
    public var reactionsPerMessage = 100
    public var reactionsPerUser = 20
    public var interactionsPerUser = 100

    // Rates.
    public var sendsPerMinute = 30
    public var framesPerMinute = 600
    public var badFramesPerMinute = 20
    public var typingPerSecond = 10
    public var authPerMinute = 60
    /// Group passwords that one user sets or gets wrong.
    public var passwordsPerMinute = 10

    public init() {}

    /// Whether `value` is past `bound`; nothing is past a bound of 0.
    public static func exceeds(_ value: Int, _ bound: Int) -> Bool {
        bound > 0 && value > bound
    }
}
