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
    /// By user handle, held: who is in a block with the user, whoever of them blocked. Never `clear`.
    var blocks: [Int32: BlockStanding] = [:]

    init(handle: Int32, slot: Int32) {
        self.handle = handle
        self.slot = slot
    }

    var cost: Int { 640 + 4 * (groups.count + friends.count) + 12 * blocks.count }
}
