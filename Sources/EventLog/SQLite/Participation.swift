internal import ChatModel

/// A conversation that a user takes part in, with their own side of it. Value.
struct Participation {
    let conversation: Int64
    /// Key of the last message; nil: there is none.
    let last: Int64?
    /// The other user of a 1:1 conversation; nil: a group.
    let peer: Int64?
    /// Where the viewer's stay in the group began; 0 in 1:1 conversations.
    let joinedSeq: Int64
    var viewpoint = Viewpoint()

    /// The last message, unless the viewer has hidden it.
    var shownLast: Int64? {
        last.flatMap { MessageKey.position($0) > viewpoint.hiddenThrough ? $0 : nil }
    }
}

/// One user's own side of a conversation. Positions.
struct Viewpoint {
    var readPointer: Int64?
    var hiddenThrough: Int64 = 0
    var tags: [String] = []

    /// From `readPointer, hiddenThrough, tags`, which begin at column `base`.
    init(_ row: borrowing PreparedRow, base: Int32) {
        readPointer = row.optionalInt(base)
        hiddenThrough = row.int(base + 1)
        tags = row.optionalText(base + 2).map(TextList.decoded) ?? []
    }

    init() {}

    /// How far the viewer has read, given their mark and where they joined.
    func readThrough(mark: Int64, joinedSeq: Int64) -> Int64 {
        max(readPointer ?? max(mark, joinedSeq), hiddenThrough)
    }
}
