/// A string or key that a `JSONReader` has checked, still as it stands in the reader's bytes.
public struct JSONText: Sendable, Equatable {
    /// Between the quotes.
    public let range: Range<Int>
    public let hasEscapes: Bool
}
