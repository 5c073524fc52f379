/// The header lines of a head, in order. All look-ups take the bytes the head was parsed from, beginning where that head
/// began; names are compared without case.
public struct HTTPFields: Sendable, Equatable {
    public private(set) var lines: [HTTPField] = []

    mutating func append(_ field: HTTPField) {
        // Most heads have fewer; growing one by one would cost four allocations.
        if lines.isEmpty { lines.reserveCapacity(16) }
        lines.append(field)
    }

    /// The value of the first line of that name.
    public func first(_ name: StaticString, in bytes: Span<UInt8>) -> Range<Int>? {
        for line in lines where Octets.equal(bytes, line.name, ignoringCaseOf: name) { return line.value }
        return nil
    }

    /// All lines of that name as one list value, joined with ", " (RFC 9110 §5.3). Empty when there is none.
    public func joined(_ name: StaticString, in bytes: Span<UInt8>) -> [UInt8] {
        var joined: [UInt8] = []
        var found = false
        for line in lines where Octets.equal(bytes, line.name, ignoringCaseOf: name) {
            if found { Octets.append(", ", to: &joined) }
            found = true
            Octets.append(bytes.extracting(line.value), to: &joined)
        }
        return joined
    }

    /// The first value of that name as text. Nil when there is none or it is not UTF-8.
    public func text(_ name: StaticString, in bytes: Span<UInt8>) -> String? {
        guard let range = first(name, in: bytes) else { return nil }
        return HTTPText.string(bytes, range)
    }

    /// Whether a comma-separated list in lines of that name holds the token.
    public func list(_ name: StaticString, holds token: StaticString, in bytes: Span<UInt8>) -> Bool {
        var holds = false
        for line in lines where Octets.equal(bytes, line.name, ignoringCaseOf: name) {
            Octets.forEachElement(bytes, line.value) { element in
                if Octets.equal(bytes, element, ignoringCaseOf: token) { holds = true }
            }
        }
        return holds
    }

    /// How many lines have that name.
    public func count(_ name: StaticString, in bytes: Span<UInt8>) -> Int {
        var count = 0
        for line in lines where Octets.equal(bytes, line.name, ignoringCaseOf: name) { count += 1 }
        return count
    }
}
