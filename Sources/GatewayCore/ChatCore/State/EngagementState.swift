import ChatModel

/// What one user did with one message. Confined to the core thread.
final class EngagementState {
    struct Key: Hashable {
        let message: Int64
        let user: UserID
    }

    let key: Key
    let slot: Int32
    var reactions: [LoadedEngagement.Given]
    var interactions: [Interaction]
    /// Whether the message's goal was reached once.
    var hasCompleted: Bool

    init(key: Key, slot: Int32, _ loaded: LoadedEngagement) {
        self.key = key
        self.slot = slot
        reactions = loaded.reactions
        interactions = loaded.interactions
        hasCompleted = loaded.hasCompleted
    }

    var cost: Int { 256 + 64 * (reactions.count + interactions.count) }
}
