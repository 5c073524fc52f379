/// The two versions served.
public enum HTTPVersion: Sendable, Equatable {
    case http10, http11

    /// RFC 9112 §2.3. Anything shaped like a version but not 1.0 or 1.1 is unsupported, anything else malformed.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Result<HTTPVersion, HTTPRefusal> {
        if Octets.equal(bytes, range, "HTTP/1.1") { return .success(.http11) }
        if Octets.equal(bytes, range, "HTTP/1.0") { return .success(.http10) }
        let start = range.lowerBound
        guard range.count == 8, Octets.equal(bytes, start..<start + 5, "HTTP/"), bytes[start + 5].isDigit,
            bytes[start + 6] == UInt8(ascii: "."), bytes[start + 7].isDigit
        else { return .failure(.version) }
        return .failure(.versionUnsupported)
    }
}
