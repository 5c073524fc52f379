/// Finds and checks the next response head at the front of a client's input; used as `HTTPRequestParser`. Interim (1xx)
/// heads are given like others, with no body.
public struct HTTPResponseParser: Sendable {
    public enum Outcome: Sendable, Equatable {
        case needMore
        case head(HTTPResponseHead)
        case refused(HTTPRefusal)
    }

    private let limits: HTTPLimits
    private var lines = LineScanner()
    private var start: (version: HTTPVersion, status: Int)?
    private var section = FieldSection()

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// - Parameters:
    ///   - bytes: the unconsumed input from the head's first byte on.
    ///   - toHEAD: the request was HEAD, so no body follows whatever the headers say.
    public mutating func parseHead(_ bytes: Span<UInt8>, toHEAD: Bool = false) -> Outcome {
        while true {
            switch lines.next(bytes, limit: limits.headBytesMax) {
            case .needMore: return .needMore
            case .tooLong: return .refused(.headTooLarge)
            case .refused(let refusal): return .refused(refusal)
            case .line(let line):
                do throws(HTTPRefusal) {
                    guard let start else {
                        start = try statusLine(bytes, line)
                        continue
                    }
                    guard line.isEmpty else {
                        try section.absorb(bytes, line: line, limits: limits)
                        continue
                    }
                    let head = finish(start.version, start.status, toHEAD: toHEAD)
                    self = HTTPResponseParser(limits: limits)
                    return .head(head)
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    /// RFC 9112 §4: version, space, three digits, space, phrase (which may be missing, and often its space too).
    private func statusLine(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPRefusal) -> (HTTPVersion, Int) {
        let first = line.lowerBound
        guard line.count >= 12, bytes[first + 8] == 0x20 else { throw .statusLine }
        let version = try HTTPVersion.parse(bytes, first..<first + 8).get()
        guard let status = Octets.decimal(bytes, first + 9..<first + 12), status >= 100, status <= 599,
            line.count == 12 || bytes[first + 12] == 0x20
        else { throw .statusLine }
        return (version, status)
    }

    /// RFC 9112 §6.3.
    private func finish(_ version: HTTPVersion, _ status: Int, toHEAD: Bool) -> HTTPResponseHead {
        let framing: HTTPBodyFraming
        if toHEAD || status < 200 || status == 204 || status == 304 {
            framing = .none
        } else if section.chunked {
            framing = .chunked
        } else if let length = section.contentLength {
            framing = length == 0 ? .none : .length(length)
        } else {
            framing = .untilClose
        }
        return HTTPResponseHead(
            status: status, version: version, fields: section.fields, byteCount: lines.lineStart,
            keepAlive: section.persists(version) && framing != .untilClose, framing: framing)
    }
}
