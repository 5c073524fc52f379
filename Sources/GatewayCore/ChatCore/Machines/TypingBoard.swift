import ChatModel

/// Who is typing to whom in one app. The gateway owns every end, so each start is remembered until it ended.
///
/// | entry  | start                       | end by the typist, a message, background, leaving | timeout        |
/// |--------|-----------------------------|---------------------------------------------------|----------------|
/// | none   | kept, timer armed, relayed  | nothing: there is nothing to end                  | –              |
/// | typing | timer moved, relayed again  | removed, timer cancelled, `ended` sent            | `ended` sent   |
struct TypingBoard {
    enum Target: Hashable {
        case user(Int32)
        case group(Int32)
    }

    struct Entry {
        let target: Target
        /// Where it was typed last; nil: over REST.
        var connection: ConnectionReference?
        /// As the typist was at the start: shown with an end that comes when the typist is no longer cached.
        var record: UserRecord
        var timer: Int32
    }

    /// What one typist may have open; past it the oldest ends.
    static let perTypistMax = 64

    private var byTypist: [Int32: [Entry]] = [:]

    var typists: Dictionary<Int32, [Entry]>.Keys { byTypist.keys }

    func entry(_ typist: Int32, _ target: Target) -> Entry? {
        byTypist[typist]?.first { $0.target == target }
    }

    func oldest(_ typist: Int32) -> Entry? {
        guard let entries = byTypist[typist], entries.count >= Self.perTypistMax else { return nil }
        return entries.first
    }

    /// Stores or replaces the entry of its target.
    mutating func set(_ typist: Int32, _ entry: Entry) {
        if let index = byTypist[typist]?.firstIndex(where: { $0.target == entry.target }) {
            byTypist[typist]?[index] = entry
        } else {
            byTypist[typist, default: []].append(entry)
        }
    }

    mutating func remove(_ typist: Int32, _ target: Target) -> Entry? {
        guard let index = byTypist[typist]?.firstIndex(where: { $0.target == target }) else { return nil }
        let entry = byTypist[typist]?.remove(at: index)
        if byTypist[typist]?.isEmpty == true { byTypist[typist] = nil }
        return entry
    }

    /// Everything the typist has open, or what came from one connection.
    func targets(_ typist: Int32, from connection: ConnectionReference? = nil) -> [Target] {
        guard let entries = byTypist[typist] else { return [] }
        return entries.filter { connection == nil || $0.connection == connection }.map(\.target)
    }
}
