internal import ChatModel

/// A message's reactions at an earlier position.
enum ReactionTally {
    /// One later giving or taking back.
    struct Step {
        let reaction: String
        let isAdded: Bool
    }

    /// `later`: what happened since then, newest first.
    static func undoing(_ later: [Step], from counts: [ReactionCount]) -> [ReactionCount] {
        var counts = counts
        for step in later {
            let change = step.isAdded ? -1 : 1
            if let index = counts.firstIndex(where: { $0.reaction == step.reaction }) {
                let count = counts[index].count + change
                if count > 0 {
                    counts[index] = ReactionCount(reaction: step.reaction, count: count)
                } else {
                    counts.remove(at: index)
                }
            } else if change > 0 {
                counts.append(ReactionCount(reaction: step.reaction, count: 1))
            }
        }
        return counts
    }
}
