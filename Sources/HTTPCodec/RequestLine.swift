/// The three parts of a request line, checked (RFC 9112 §3).
struct RequestLine: Sendable {
    /// Longer than any registered method; a longer one is unknown for sure.
    static let methodBytesMax = 32

    let method: HTTPMethod
    let methodName: Range<Int>
    let target: Range<Int>
    let version: HTTPVersion
    private(set) var path: Range<Int>
    private(set) var query: Range<Int>?
    private(set) var authority: Range<Int>?

    init(_ bytes: Span<UInt8>, line: Range<Int>, limits: HTTPLimits) throws(HTTPRefusal) {
        // RFC 9112 §3 allows tolerant splitting at any blank; exactly two single spaces are asked for here.
        guard let firstSpace = Octets.first(0x20, in: bytes, line) else { throw .requestLine }
        methodName = line.lowerBound..<firstSpace
        guard !methodName.isEmpty else { throw .method }
        for index in methodName where !bytes[index].isTokenCharacter { throw .method }
        guard methodName.count <= Self.methodBytesMax else { throw .methodUnsupported }
        method = HTTPMethod(bytes, methodName)
        // CONNECT would make us a proxy, and its target is no path.
        if Octets.equal(bytes, methodName, "CONNECT") { throw .methodUnsupported }

        let rest = firstSpace + 1..<line.upperBound
        guard let secondSpace = Octets.first(0x20, in: bytes, rest) else { throw .requestLine }
        target = rest.lowerBound..<secondSpace
        guard target.count <= limits.targetBytesMax else { throw .targetTooLong }
        version = try HTTPVersion.parse(bytes, secondSpace + 1..<line.upperBound).get()
        path = target
        try splitTarget(bytes)
    }

    private mutating func splitTarget(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        guard !target.isEmpty else { throw .target }
        for index in target {
            let byte = bytes[index]
            // Visible ASCII; a fragment is never sent (RFC 9112 §3.2).
            guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#") else { throw .target }
        }
        if bytes[target.lowerBound] == UInt8(ascii: "/") {
            splitQuery(bytes, from: target.lowerBound)
        } else if target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else { throw .target }
        } else {
            try splitAbsolute(bytes)
        }
    }

    /// RFC 9112 §3.2.2: `http://host:port/path?query`.
    private mutating func splitAbsolute(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        let start = target.lowerBound
        let hostStart: Int
        if target.count > 7, Octets.equal(bytes, start..<start + 7, ignoringCaseOf: "http://") {
            hostStart = start + 7
        } else if target.count > 8, Octets.equal(bytes, start..<start + 8, ignoringCaseOf: "https://") {
            hostStart = start + 8
        } else {
            throw .target
        }
        var end = hostStart
        while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard end > hostStart, isHost(bytes, hostStart..<end) else { throw .target }
        authority = hostStart..<end
        splitQuery(bytes, from: end)
    }

    private mutating func splitQuery(_ bytes: Span<UInt8>, from start: Int) {
        if let mark = Octets.first(UInt8(ascii: "?"), in: bytes, start..<target.upperBound) {
            path = start..<mark
            query = mark + 1..<target.upperBound
        } else {
            path = start..<target.upperBound
        }
    }
}
