internal import ChatModel
internal import EventLog
internal import HTTPCodec
internal import WireProtocol

/// The query's parameters. One that is not known is ignored, as SDKs send some of their own; one that is known and does
/// not say what it can say is refused, naming it.
extension RouteCall {
    private static let perPageNormal: Int64 = 30

    /// The last of that name; nil also when it is empty.
    func text(_ name: String) -> String? {
        guard let value = query.last(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// A whole number; nil when the parameter is absent.
    func integer(_ name: String, _ range: ClosedRange<Int64> = 0...Int64.max) throws(APIFailure) -> Int64? {
        guard let item = query.last(where: { $0.name == name }) else { return nil }
        guard let value = Int64(item.value), range.contains(value) else {
            throw APIFailure(.badRequest, "\(name): must be a whole number, at least \(range.lowerBound)")
        }
        return value
    }

    /// `per_page`: 1 or more; over 100 is taken as 100.
    func perPage() throws(APIFailure) -> Int {
        Int(min(try integer("per_page", 1...Int64.max) ?? Self.perPageNormal, Int64(PageNumber.sizeMax)))
    }

    /// `page` from 1, and `per_page`.
    func page() throws(APIFailure) -> PageNumber {
        let number = try integer("page") ?? 1
        return PageNumber(Int(clamping: min(number, Int64(Int32.max))), size: try perPage())
    }

    /// `true`/`false` or `1`/`0`; absent: false.
    func flag(_ name: String) throws(APIFailure) -> Bool {
        switch text(name) {
        case nil, "0", "false": false
        case "1", "true": true
        default: throw APIFailure(.badRequest, "\(name): must be true or false")
        }
    }

    /// A comma-separated list, or one repeated as `name` or `name[]`.
    func list(_ name: String) -> [String] {
        query.filter { $0.name == name || $0.name == name + "[]" }
            .flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    /// One of a type's words; nil when the parameter is absent.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ type: Word.Type = Word.self
    ) throws(APIFailure) -> Word? {
        guard let text = text(name) else { return nil }
        return try Self.word(text, of: name)
    }

    /// A list of a type's words.
    func words<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ type: Word.Type = Word.self
    ) throws(APIFailure) -> [Word] {
        var words: [Word] = []
        for text in list(name) { words.append(try Self.word(text, of: name)) }
        return words
    }

    /// A list of uids; nil when the parameter is absent or empty.
    func uids(_ name: String) throws(APIFailure) -> [UserID]? {
        var uids: [UserID] = []
        for text in list(name) {
            guard let uid = UserID(text) else { throw Self.malformed(name) }
            uids.append(uid)
        }
        return uids.isEmpty ? nil : uids
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String, of name: String
    ) throws(APIFailure) -> Word {
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIFailure(.badRequest, "\(name): must be one of \(words)")
        }
        return word
    }
}
