/// The rules and limits the core decides by. Immutable value; a reload hands the core a new one.
///
/// Defaults are those of the configuration (`rules.*`, `limits.*`). A limit of 0 is off.
public struct CoreRules: Sendable, Equatable {
    /// How long a user without connections still counts as online; 0: offline at once.
    public var presenceGraceMs: Int64 = 15_000
    /// How long a typist who sends nothing more is still shown as typing.
    public var typingTimeoutMs: Int64 = 30_000

    /// How long a call rings before it is unanswered.
    public var callUnansweredMs: Int64 = 45_000

    public var connectionsPerUser = 50
    /// Per user over client interfaces; the burst is the rate.
    public var sendsPerMinute = 30
    public var groupsPerUser = 2_000
    public var friendsPerUser = 1_000
    /// Whom one user may have blocked.
    public var blockedPerUser = 1_000
    public var membersPerGroup = 100_000
    public var membersPerAdd = 25
    public var bansPerGroup = 100_000

    /// Different reactions on one message, of all users and of one.
    public var reactionsPerMessage = 100
    public var reactionsPerUser = 20
    /// Elements of one message whose use by one user is kept.
    public var interactionsPerUser = 100

    /// In one group call at a time.
    public var participantsPerCall = 50
    /// Group calls that a user is in, or rings with, at a time.
    public var groupCallsPerUser = 16
    /// Active calls of one app, all in memory; past it the gateway is overloaded.
    public var callsPerApp = 100_000

    /// In groups of more members an author gets at most `receiptsPerSecond` receipts of single readers.
    public var receiptMembersMax = 300
    public var receiptsPerSecond = 20
    /// How long receipts of such a group are gathered, so that many make one decision; 0: each is decided at once.
    public var receiptTickMs: Int64 = 100

    /// Commands that may wait for one entity, and in all; past it they are refused as unavailable.
    public var parkedPerEntityMax = 4_096
    public var parkedMax = 65_536
    /// Log positions reserved at a time. At least 10,000, so that the largest decision fits half a block.
    public var sequenceBlock: Int64 = 10_000
    /// Estimated bytes of cached entities above which the longest unused are dropped.
    public var cacheBytesMax = 512 << 20

    public init() {}
}
