/// What a Range header asks of a representation (RFC 9110 §14.1.2).
public enum HTTPByteRange: Sendable, Equatable {
    /// Nothing that is served: another unit, malformed, or several ranges; the whole is sent, as §14.2 allows.
    case whole
    case part(Range<Int>)
    /// It begins behind the end: 416.
    case unsatisfiable

    /// - Parameter length: bytes of the whole representation.
    public static func parse(_ text: String, length: Int) -> HTTPByteRange {
        let bytes = Array(text.utf8)
        let span = bytes.span
        guard let equals = Octets.first(UInt8(ascii: "="), in: span, 0..<span.count),
            Octets.equal(span, Octets.trimmed(span, 0..<equals), ignoringCaseOf: "bytes")
        else { return .whole }
        let spec = Octets.trimmed(span, equals + 1..<span.count)
        guard Octets.first(UInt8(ascii: ","), in: span, spec) == nil,
            let hyphen = Octets.first(UInt8(ascii: "-"), in: span, spec)
        else { return .whole }
        let last = hyphen + 1..<spec.upperBound
        if hyphen == spec.lowerBound {
            guard let count = Octets.decimal(span, last) else { return .whole }
            return count == 0 || length == 0 ? .unsatisfiable : .part(max(length - count, 0)..<length)
        }
        guard let first = Octets.decimal(span, spec.lowerBound..<hyphen) else { return .whole }
        guard !last.isEmpty else { return first < length ? .part(first..<length) : .unsatisfiable }
        guard let end = Octets.decimal(span, last), end >= first else { return .whole }
        return first < length ? .part(first..<min(end + 1, length)) : .unsatisfiable
    }
}
