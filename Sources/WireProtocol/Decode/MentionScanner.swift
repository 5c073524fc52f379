internal import ChatModel

/// Finds the tokens `<@uid:UID>` in a text.
enum MentionScanner {
    private static let opening = Array("<@uid:".utf8)
    private static let closing = UInt8(ascii: ">")

    /// Different uids in order of appearance, at most `countMax` (0: no bound). What only looks like a token is text.
    static func mentions(in text: String, countMax: Int) -> [UserID] {
        let bytes = Array(text.utf8)
        var found: [UserID] = []
        var index = 0
        while index + opening.count < bytes.count, countMax == 0 || found.count < countMax {
            guard bytes[index] == opening[0], bytes[index..<(index + opening.count)].elementsEqual(opening) else {
                index += 1
                continue
            }
            index += opening.count
            // A uid is at most 100 bytes long, so a text full of openings is not searched to its end for each.
            let end = min(index + 101, bytes.count)
            guard let close = bytes[index..<end].firstIndex(of: closing),
                let uid = UserID(String(decoding: bytes[index..<close], as: UTF8.self))
            else { continue }
            if !found.contains(uid) { found.append(uid) }
            index = close + 1
        }
        return found
    }
}
