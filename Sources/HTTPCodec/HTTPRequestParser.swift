/// Finds and checks the next request head at the front of a connection's input. Confined to its connection's loop.
///
/// The connection keeps the bytes of a partial head and hands them in again from the head's first byte, with more behind
/// them; the parser remembers which lines it has seen, so each byte is looked at once. What it finds, or refuses, does
/// not depend on how the bytes were cut.
///
///     state        | bytes                      | next
///     request line | a line                     | fields
///     request line | one empty line             | request line (RFC 9112 §2.2), a second one is refused
///     fields       | a line                     | fields
///     fields       | an empty line              | `.head`, and ready for the next request
///     any          | not enough                 | `.needMore`
///     any          | anything it does not like  | `.refused`; the connection answers and closes
public struct HTTPRequestParser: Sendable {
    public enum Outcome: Sendable, Equatable {
        /// Keep the bytes and call again with more behind them.
        case needMore
        case head(HTTPRequestHead)
        case refused(HTTPRefusal)
    }

    private let limits: HTTPLimits
    private var lines = LineScanner()
    private var requestLine: RequestLine?
    private var section = FieldSection()
    private var emptyLineSkipped = false

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// - Parameter bytes: the connection's unconsumed input, beginning with the head's first byte. Never shorter than in
    ///   the call before, until a head was found; then the caller drops `head.byteCount` bytes (and the body) before the
    ///   next call.
    public mutating func parseHead(_ bytes: Span<UInt8>) -> Outcome {
        while true {
            switch lines.next(bytes, limit: lineLimit) {
            case .needMore:
                return .needMore
            case .tooLong:
                let lineTooLong = requestLine == nil && lineLimit < limits.headBytesMax
                return .refused(lineTooLong ? .targetTooLong : .headTooLarge)
            case .refused(let refusal):
                return .refused(refusal)
            case .line(let line):
                do throws(HTTPRefusal) {
                    if let head = try absorb(bytes, line) {
                        self = HTTPRequestParser(limits: limits)
                        return .head(head)
                    }
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    /// The offset the line being scanned may not pass. A request line needs room for a method, a target and a version.
    private var lineLimit: Int {
        guard requestLine == nil else { return limits.headBytesMax }
        return min(limits.headBytesMax, lines.lineStart + limits.targetBytesMax + RequestLine.methodBytesMax + 12)
    }

    private mutating func absorb(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPRefusal) -> HTTPRequestHead? {
        guard let requestLine else {
            if line.isEmpty {
                guard !emptyLineSkipped else { throw .emptyLine }
                emptyLineSkipped = true
            } else {
                requestLine = try RequestLine(bytes, line: line, limits: limits)
            }
            return nil
        }
        if line.isEmpty { return try finish(requestLine, byteCount: lines.lineStart) }
        try section.absorb(bytes, line: line, limits: limits)
        return nil
    }

    private func finish(_ requestLine: RequestLine, byteCount: Int) throws(HTTPRefusal) -> HTTPRequestHead {
        let version = requestLine.version
        // RFC 9112 §3.2: required even where an absolute target makes it redundant.
        if version == .http11, !section.hostSeen { throw .hostMissing }
        // RFC 9112 §6.1: a 1.0 peer cannot have meant chunked framing.
        if version == .http10, section.chunked { throw .transferEncodingVersion }
        let framing: HTTPBodyFraming
        if section.chunked {
            framing = .chunked
        } else if let length = section.contentLength, length > 0 {
            framing = .length(length)
        } else {
            framing = .none
        }
        return HTTPRequestHead(
            method: requestLine.method, methodName: requestLine.methodName, target: requestLine.target,
            path: requestLine.path, query: requestLine.query, authority: requestLine.authority, version: version,
            fields: section.fields, byteCount: byteCount, keepAlive: section.persists(version), framing: framing,
            // RFC 9110 §10.1.1: from a 1.0 client it is ignored.
            expectsContinue: section.expectsContinue && version == .http11 && framing != .none,
            asksUpgrade: section.upgradeSeen && section.upgradeToken && version == .http11)
    }
}
