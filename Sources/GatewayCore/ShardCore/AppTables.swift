internal import ChatModel

/// Everything of one app on one shard: who is here, who listens to what, and how far the log was walked.
struct AppTables {
    let number: AppNumber
    /// As clients name it.
    var id: String
    /// What it says of its limits.
    var limits = AppLimits()
    /// The last position walked.
    var position: Int64

    var users = UserTable()
    /// Members are user numbers.
    var groups = AudienceTable<GroupID>()
    /// By friend: the users here, with a session that follows its friends, who have that friend.
    var friends = AudienceTable<UserID>()
    /// By role: the slots of the sessions that follow it.
    var roles = AudienceTable<String>()
    /// Slots of the sessions that follow everybody.
    var subscribers: ContiguousArray<UInt32> = []
    var journal = PresenceJournal()
    /// By who is blocked or blocks: the users here who hear nothing of them. Empty for who stands in no block.
    var blocked = AudienceTable<UserID>()

    init(number: AppNumber, id: String, position: Int64) {
        self.number = number
        self.id = id
        self.position = position
    }
}
