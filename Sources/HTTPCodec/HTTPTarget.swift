/// Decoding of the request target's parts (RFC 3986 §2.1, and the URL Standard's "+" in queries).
public enum HTTPTarget {
    /// Parameters beyond this many are refused.
    public static let queryItemsMax = 64

    public struct QueryItem: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    /// Undoes percent-encoding of `bytes[range]`.
    /// - Parameter plusIsSpace: as in queries; in paths "+" is itself.
    public static func decode(
        _ bytes: Span<UInt8>, _ range: Range<Int>, plusIsSpace: Bool
    ) throws(HTTPRefusal) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < range.upperBound, let high = bytes[index + 1].hexValue,
                    let low = bytes[index + 2].hexValue
                else { throw .percentEncoding }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return decoded
    }

    /// The segments of a path, decoded one by one, so an encoded "/" stays inside its segment. A leading "/" makes no
    /// segment, a trailing one an empty last segment: "/a/" is ["a", ""], "/" and "" are [].
    /// Dot segments, NUL and what is not UTF-8 are refused: clients resolve dots before they send.
    public static func segments(_ bytes: Span<UInt8>, path: Range<Int>) throws(HTTPRefusal) -> [String] {
        var segments: [String] = []
        var start = path.lowerBound
        if start < path.upperBound, bytes[start] == UInt8(ascii: "/") { start += 1 }
        guard start < path.upperBound else { return [] }
        while true {
            let end = Octets.first(UInt8(ascii: "/"), in: bytes, start..<path.upperBound) ?? path.upperBound
            let segment = try text(bytes, start..<end, plusIsSpace: false)
            guard segment != ".", segment != "..", !segment.utf8.contains(0) else { throw .pathSegment }
            segments.append(segment)
            guard end < path.upperBound else { return segments }
            start = end + 1
        }
    }

    /// The parameters of a query in order; `a` is the same as `a=`, empty parts are skipped.
    public static func queryItems(_ bytes: Span<UInt8>, query: Range<Int>) throws(HTTPRefusal) -> [QueryItem] {
        var items: [QueryItem] = []
        var start = query.lowerBound
        while start < query.upperBound {
            let end = Octets.first(UInt8(ascii: "&"), in: bytes, start..<query.upperBound) ?? query.upperBound
            if end > start {
                guard items.count < queryItemsMax else { throw .queryTooLong }
                let equals = Octets.first(UInt8(ascii: "="), in: bytes, start..<end)
                let name = try text(bytes, start..<(equals ?? end), plusIsSpace: true)
                let value = try equals.map { equals throws(HTTPRefusal) in
                    try text(bytes, equals + 1..<end, plusIsSpace: true)
                }
                items.append(QueryItem(name: name, value: value ?? ""))
            }
            start = end + 1
        }
        return items
    }

    private static func text(
        _ bytes: Span<UInt8>, _ range: Range<Int>, plusIsSpace: Bool
    ) throws(HTTPRefusal) -> String {
        let decoded = try decode(bytes, range, plusIsSpace: plusIsSpace)
        guard let text = HTTPText.string(decoded.span, 0..<decoded.count) else { throw .percentEncoding }
        return text
    }

    /// Appends `text` so that it is one path segment or query part: everything but unreserved characters encoded.
    public static func appendEncoded(_ text: String, to out: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 0xF)])
            }
        }
    }
}
