internal import ChatModel

/// A message's reactions as one text in its row, so that showing a message needs no second look: a `TextList` of each
/// reaction and its count.
enum StoredCounts {
    /// nil: there are none.
    static func encoded(_ counts: [ReactionCount]) -> String? {
        counts.isEmpty ? nil : TextList.encoded(counts.flatMap { [$0.reaction, String($0.count)] })
    }

    static func decoded(_ text: String) -> [ReactionCount] {
        let parts = TextList.decoded(text)
        return stride(from: 0, to: parts.count - 1, by: 2).map { index in
            ReactionCount(reaction: parts[index], count: Int(parts[index + 1]) ?? 0)
        }
    }
}
