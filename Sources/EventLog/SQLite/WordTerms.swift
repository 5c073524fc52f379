/// The terms that the word index holds of a message, and asks for.
///
/// A term is a word; or the first two or four signs of one, so that a beginning is looked up like a word, however many
/// words there are that begin so; or a place, so that a search in some conversations touches nothing of the others. The
/// latter two carry a mark of the private use area, which no word holds.
enum WordTerms {
    /// Where a message is found.
    enum Place {
        case conversation(Int64)
        /// In a 1:1 conversation of this user.
        case pairs(of: Int64)

        fileprivate var term: String {
            switch self {
            case .conversation(let id): "\u{E000}c\(id)"
            case .pairs(let user): "\u{E000}u\(user)"
            }
        }
    }

    private static let shortLength = 2
    private static let longLength = 4

    /// The text to index; nil: the message has no words.
    static func text(_ words: [String], conversation: Int64, sender: Int64, receiver: Int64?) -> String? {
        guard !words.isEmpty else { return nil }
        var terms = Set(words)
        for word in words {
            for length in [shortLength, longLength] {
                if let beginning = beginning(of: word, length) { terms.insert(beginning) }
            }
        }
        terms.insert(Place.conversation(conversation).term)
        if let receiver {
            terms.insert(Place.pairs(of: sender).term)
            terms.insert(Place.pairs(of: receiver).term)
        }
        return terms.sorted().joined(separator: " ")
    }

    /// What FTS5 is asked: all that has the words at the place, and perhaps a little more, as a long beginning is looked
    /// up by its first signs. `query` is not empty.
    static func expression(_ query: WordQuery, at place: Place?) -> String {
        var terms = query.words
        if let word = query.beginning, let term = beginning(of: word, longLength) ?? beginning(of: word, shortLength) {
            terms.append(term)
        }
        if let place { terms.append(place.term) }
        return terms.map { "\"\($0)\"" }.joined(separator: " AND ")
    }

    private static func beginning(of word: String, _ length: Int) -> String? {
        let scalars = word.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: length, limitedBy: scalars.endIndex) else {
            return nil
        }
        return "\u{E001}" + String(scalars[..<end])
    }
}
