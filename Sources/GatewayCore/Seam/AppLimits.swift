/// What one app says of its limits; nil: as the rules say for all. 0 = off. Immutable value.
public struct AppLimits: Sendable, Equatable {
    // The core's.
    public var connectionsPerUser: Int?
    public var sendsPerMinute: Int?
    public var groupsPerUser: Int?
    public var friendsPerUser: Int?
    public var blockedPerUser: Int?
    public var membersPerGroup: Int?
    public var membersPerAdd: Int?

    // The shards'.
    public var framesPerMinute: Int?
    public var typingPerSecond: Int?

    public init() {}
}

extension CoreRules {
    /// The rules as they are for one app.
    func applying(_ limits: AppLimits) -> CoreRules {
        var rules = self
        rules.connectionsPerUser = limits.connectionsPerUser ?? connectionsPerUser
        rules.sendsPerMinute = limits.sendsPerMinute ?? sendsPerMinute
        rules.groupsPerUser = limits.groupsPerUser ?? groupsPerUser
        rules.friendsPerUser = limits.friendsPerUser ?? friendsPerUser
        rules.blockedPerUser = limits.blockedPerUser ?? blockedPerUser
        rules.membersPerGroup = limits.membersPerGroup ?? membersPerGroup
        rules.membersPerAdd = limits.membersPerAdd ?? membersPerAdd
        return rules
    }
}
