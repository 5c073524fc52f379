/// Bytes of a head as text, for the edge where a `String` is wanted.
public enum HTTPText {
    /// `bytes[range]` as a string, or nil when it is not UTF-8.
    public static func string(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        guard let text = try? UTF8Span(validating: bytes.extracting(range)) else { return nil }
        return String(copying: text)
    }

    /// Whether `bytes[range]` is exactly `word`.
    public static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        Octets.equal(bytes, range, word)
    }

    /// Whether `bytes[range]` is `word`, letters compared without case.
    public static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, ignoringCaseOf word: StaticString) -> Bool {
        Octets.equal(bytes, range, ignoringCaseOf: word)
    }
}
