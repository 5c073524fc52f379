import ChatModel

/// Everything the core knows of one app. Confined to the core thread.
final class AppContext {
    let number: AppNumber
    /// The rules with this app's own limits.
    private(set) var rules: CoreRules
    private var limits: AppLimits
    var positions: SequenceAllocator
    var users = HandleTable<UserID, UserState>()
    var groups = HandleTable<GroupID, GroupState>()
    var pairs: [PairState.Key: PairState] = [:]
    var tokens: [TokenHash: TokenState] = [:]
    var messages: [Int64: MessageState] = [:]
    var engagements: [EngagementState.Key: EngagementState] = [:]
    var presence = PresenceBoard()
    var typing = TypingBoard()
    /// Those that ring or go on: all of them, not a cache.
    var calls = CallBoard()
    /// Set after a start or a failure, until the next tick has given the calls their timers: how soon a step may be due.
    var callsToRevive: Int64?
    /// Per-reader receipts to one author, in large groups.
    var receipts = RateTable()
    /// Receipts of large groups that wait for the group's next tick.
    var heldReceipts: [GroupID: HeldReceipts] = [:]
    /// Edits, reactions and interactions.
    var changes = RateTable()
    /// Commands that wait for the log to reserve positions, in order.
    var stalled: [ParkedCommand] = []
    /// Users whose tokens were all deleted by a decision, until no read can have seen them any more.
    var purges: [Purge] = []
    /// Likewise users who were deleted, for the bans that went with them.
    var departures: [Purge] = []
    /// Groups that were deleted, until no read can have seen their messages any more.
    var dissolved: [Dissolution] = []
    /// The latest `sentAt`, Unix seconds; never goes back.
    private(set) var lastSeconds: Int64

    struct Purge {
        let user: UserID
        let decision: UInt64
    }

    struct Dissolution {
        let group: GroupID
        let decision: UInt64
    }

    init(number: AppNumber, rules: CoreRules, limits: AppLimits, reserved: Int64, lastSeconds: Int64) {
        self.number = number
        self.lastSeconds = lastSeconds
        self.limits = limits
        self.rules = rules.applying(limits)
        positions = SequenceAllocator(reserved: reserved, block: rules.sequenceBlock)
    }

    /// Takes new rules, or new limits of its own.
    func apply(_ rules: CoreRules, _ limits: AppLimits? = nil) {
        self.limits = limits ?? self.limits
        self.rules = rules.applying(self.limits)
    }

    /// The time of what is decided now: the wall's, but never before what was decided last.
    func seconds(_ clock: CoreClock) -> Int64 {
        lastSeconds = max(lastSeconds, clock.wallSeconds)
        return lastSeconds
    }
}
