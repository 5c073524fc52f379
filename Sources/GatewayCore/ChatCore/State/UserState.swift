import ChatModel

/// A cached user. Confined to the core thread.
final class UserState {
    let handle: Int32
    /// Place in the cache's order.
    let slot: Int32
    /// nil: there is no such user.
    var record: UserRecord?
    /// Unix seconds; what is shown while the user is offline.
    var lastActiveAt: Int64?
    /// Group handles, held.
    var groups: [Int32] = []
    /// User handles, held.
    var friends: [Int32] = []
    /// User handles, held: whom the user has blocked, and who has blocked the user.
    var blocks: Set<Int32> = []
    var blockedBy: Set<Int32> = []

    init(handle: Int32, slot: Int32) {
        self.handle = handle
        self.slot = slot
    }

    var cost: Int { 640 + 4 * (groups.count + friends.count) + 8 * (blocks.count + blockedBy.count) }
}
