/// Why bytes are not the JSON that the caller asked for.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What would have been right at `offset`.
    public enum Expectation: String, Sendable, CaseIterable {
        case value = "a value"
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case integer = "a 64-bit integer"
        case boolean = "true or false"
        case null = "null"
        case keyOrEnd = "a key or the end of the object"
        case key = "a key"
        case colon = "a colon"
        case commaOrEnd = "a comma or the end of the container"
        case digit = "a digit"
        case endOfString = "the end of the string"
        case escape = "a valid escape"
        case escapedControl = "no bare control character"
        case surrogatePair = "a whole surrogate pair"
        case utf8 = "valid UTF-8"
        case lessNesting = "less nesting"
        case endOfText = "the end of the text"
    }

    /// Bytes from the start of the buffer.
    public let offset: Int
    public let expected: Expectation

    public init(offset: Int, expected: Expectation) {
        self.offset = offset
        self.expected = expected
    }

    public var description: String { "expected \(expected.rawValue) at byte \(offset)" }
}
