/// Collects header lines and what they decide about framing and the connection, refusing as it goes. Shared by requests
/// and responses.
struct FieldSection: Sendable {
    var fields = HTTPFields()
    var hostSeen = false
    var contentLength: Int?
    var chunked = false
    var close = false
    var upgradeToken = false
    var upgradeSeen = false
    var expectsContinue = false

    mutating func absorb(_ bytes: Span<UInt8>, line: Range<Int>, limits: HTTPLimits) throws(HTTPRefusal) {
        guard fields.lines.count < limits.fieldsMax else { throw .tooManyFields }
        // RFC 9112 §5.2: obs-fold is refused, never unfolded.
        if bytes[line.lowerBound].isBlank { throw .fieldFolded }
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != UInt8(ascii: ":") {
            // RFC 9112 §5.1: this also refuses blanks before the colon.
            guard bytes[colon].isTokenCharacter else { throw .fieldName }
            colon += 1
        }
        guard colon > line.lowerBound, colon < line.upperBound else { throw .fieldName }
        let name = line.lowerBound..<colon
        let value = Octets.trimmed(bytes, colon + 1..<line.upperBound)
        fields.append(HTTPField(name: name, value: value))
        try decide(bytes, name: name, value: value)
    }

    private mutating func decide(
        _ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>
    ) throws(HTTPRefusal) {
        // The lengths of the names below; most headers are none of them.
        switch name.count {
        case 4 where Octets.equal(bytes, name, ignoringCaseOf: "host"):
            guard !hostSeen else { throw .hostRepeated }
            hostSeen = true
            guard isHost(bytes, value) else { throw .hostInvalid }
        case 6 where Octets.equal(bytes, name, ignoringCaseOf: "expect"):
            guard Octets.equal(bytes, value, ignoringCaseOf: "100-continue") else { throw .expectation }
            expectsContinue = true
        case 7 where Octets.equal(bytes, name, ignoringCaseOf: "upgrade"):
            upgradeSeen = true
        case 10 where Octets.equal(bytes, name, ignoringCaseOf: "connection"):
            absorbConnection(bytes, value)
        case 14 where Octets.equal(bytes, name, ignoringCaseOf: "content-length"):
            guard let length = Octets.decimal(bytes, value) else { throw .contentLength }
            if let contentLength, contentLength != length { throw .contentLengthConflict }
            guard !chunked else { throw .transferEncodingWithLength }
            contentLength = length
        case 17 where Octets.equal(bytes, name, ignoringCaseOf: "transfer-encoding"):
            guard !chunked else { throw .transferEncodingRepeated }
            guard contentLength == nil else { throw .transferEncodingWithLength }
            guard Octets.equal(bytes, value, ignoringCaseOf: "chunked") else { throw .transferEncodingUnsupported }
            chunked = true
        default:
            break
        }
    }

    private mutating func absorbConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var (close, upgrade) = (close, upgradeToken)
        Octets.forEachElement(bytes, value) { token in
            if Octets.equal(bytes, token, ignoringCaseOf: "close") { close = true }
            if Octets.equal(bytes, token, ignoringCaseOf: "upgrade") { upgrade = true }
        }
        (self.close, upgradeToken) = (close, upgrade)
    }

    /// Whether the connection outlives this message (RFC 9112 §9.3).
    func persists(_ version: HTTPVersion) -> Bool {
        switch version {
        case .http11: !close
        // A 1.0 client that asks for keep-alive wants it confirmed; §9.3 lets us not honour it, and close instead.
        case .http10: false
        }
    }
}

/// RFC 9110 §7.2: uri-host with an optional port. An empty value is what a client sends for a target without authority.
/// Only the character set and the shape around brackets and port are checked.
func isHost(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    if index < range.upperBound, bytes[index] == UInt8(ascii: "[") {
        guard let close = Octets.first(UInt8(ascii: "]"), in: bytes, range), close > index + 1 else { return false }
        for inner in index + 1..<close {
            let byte = bytes[inner]
            guard byte.hexValue != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") else { return false }
        }
        index = close + 1
    } else {
        while index < range.upperBound, bytes[index] != UInt8(ascii: ":") {
            let byte = bytes[index]
            // A token's characters are those of a reg-name but for "(),;=" (never seen) and "#^`|", refused here.
            guard byte.isTokenCharacter, byte != UInt8(ascii: "#"), byte != UInt8(ascii: "^"),
                byte != UInt8(ascii: "`"), byte != UInt8(ascii: "|")
            else { return false }
            index += 1
        }
    }
    guard index < range.upperBound else { return true }
    guard bytes[index] == UInt8(ascii: ":"), range.upperBound - index <= 6 else { return false }
    for digit in index + 1..<range.upperBound where !bytes[digit].isDigit { return false }
    return true
}
