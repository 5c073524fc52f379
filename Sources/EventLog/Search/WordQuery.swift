internal import ChatModel

/// A `searchKey` as words: all of them must occur, the last one may be the beginning of one. Value.
///
/// Whatever is asked is words and nothing else: quotes, operators and control characters only part them.
struct WordQuery {
    /// Words that count; the rest of a long text is not looked for.
    static let wordsMax = 16

    /// Each once.
    private(set) var words: [String] = []
    /// The last word, of at least two signs; a single one is a word of its own.
    private(set) var beginning: String?

    init(_ text: String) {
        var found: [String] = []
        WordSplitter.split(text) { if found.count <= Self.wordsMax { found.append($0) } }
        if found.count > Self.wordsMax {
            found.removeLast()
        } else if let last = found.last, last.unicodeScalars.count > 1 {
            beginning = last
            found.removeLast()
        }
        for word in found where !words.contains(word) { words.append(word) }
    }

    /// Nothing is asked for, and so nothing is found.
    var isEmpty: Bool { words.isEmpty && beginning == nil }

    func matches(_ record: MessageRecord) -> Bool {
        guard !isEmpty, record.category == .message, record.deletion == nil else { return false }
        let found = SearchText.words(of: record.data.bytes)
        return words.allSatisfy { found.contains($0) }
            && (beginning.map { beginning in
                found.contains { $0.utf8.starts(with: beginning.utf8) }
            } ?? true)
    }
}
