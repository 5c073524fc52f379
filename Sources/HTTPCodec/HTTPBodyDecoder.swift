/// Walks one message body. Confined to its connection's loop. Keeps no bytes: whatever the cursor has passed may be
/// dropped, and chunk lines cut anywhere are resumed from a few integers.
///
///     state        | input          | next
///     size         | hex digits     | size; ";" extension; CR → size line feed
///     extension    | text           | extension, bounded; CR → size line feed
///     size LF      | LF             | data, or trailer after size 0
///     data         | bytes          | `.data`, then data CR
///     data CR, LF  | CR, LF         | size
///     trailer      | lines          | discarded, bounded; an empty one → `.end`
public struct HTTPBodyDecoder: Sendable {
    public enum Step: Sendable, Equatable {
        /// All given bytes are consumed.
        case needMore
        /// The next part of the body, as offsets into the given bytes; never empty.
        case data(Range<Int>)
        /// The body is complete; the cursor is at the first byte of what follows.
        case end
        case refused(HTTPRefusal)
    }

    private enum State: Sendable {
        case length, untilClose
        case size, sizeExtension, sizeLineFeed
        case data, dataCR, dataLineFeed
        case trailerStart, trailerLine, trailerLineFeed, lastLineFeed
        case done
        case failed(HTTPRefusal)
    }

    /// Chunk extensions of a whole body and its trailer section are discarded; this is what a peer may waste, in bytes.
    public static let extensionBytesMax = 4 * 1024
    public static let trailerBytesMax = 8 * 1024
    private static let sizeDigitsMax = 15

    private var state: State
    private var remaining = 0
    private var sizeDigits = 0
    private var overhead = 0
    private let bodyBytesMax: Int
    /// Body bytes announced or seen so far.
    private var total = 0

    /// - Parameter bodyBytesMax: bytes of decoded body; beyond it 413, at once for a known length.
    public init(framing: HTTPBodyFraming, bodyBytesMax: Int) {
        precondition(bodyBytesMax >= 0, "a limit is never negative")
        self.bodyBytesMax = bodyBytesMax
        switch framing {
        case .none:
            state = .done
        case .length(let length):
            remaining = length
            state = length > bodyBytesMax ? .failed(.bodyTooLarge) : length == 0 ? .done : .length
        case .chunked:
            state = .size
        case .untilClose:
            state = .untilClose
        }
    }

    /// Whether the body has ended; what follows belongs to the next message.
    public var isComplete: Bool {
        if case .done = state { true } else { false }
    }

    /// Call until it says `.needMore` or `.end`.
    /// - Parameter cursor: where to read on; moved past what was consumed.
    public mutating func next(_ bytes: Span<UInt8>, _ cursor: inout Int) -> Step {
        while true {
            switch state {
            case .done:
                return .end
            case .failed(let refusal):
                return .refused(refusal)
            case _ where cursor >= bytes.count:
                return .needMore
            case .length, .data:
                return take(min(remaining, bytes.count - cursor), &cursor)
            case .untilClose:
                return takeUntilClose(bytes.count, &cursor)
            default:
                do throws(HTTPRefusal) {
                    try step(bytes[cursor])
                    cursor += 1
                } catch {
                    state = .failed(error)
                }
            }
        }
    }

    private mutating func take(_ count: Int, _ cursor: inout Int) -> Step {
        let range = cursor..<cursor + count
        cursor += count
        remaining -= count
        if remaining == 0 {
            if case .length = state { state = .done } else { state = .dataCR }
        }
        return .data(range)
    }

    private mutating func takeUntilClose(_ end: Int, _ cursor: inout Int) -> Step {
        let range = cursor..<end
        total += range.count
        guard total <= bodyBytesMax else {
            state = .failed(.bodyTooLarge)
            return .refused(.bodyTooLarge)
        }
        cursor = end
        return .data(range)
    }

    /// One byte of chunk framing (RFC 9112 §7.1).
    private mutating func step(_ byte: UInt8) throws(HTTPRefusal) {
        switch state {
        case .size:
            try stepSize(byte)
        case .sizeExtension:
            if byte == 0x0D {
                state = .sizeLineFeed
            } else {
                guard !byte.isForbiddenControl else { throw .chunkSize }
                overhead += 1
                guard overhead <= Self.extensionBytesMax else { throw .chunkExtensionTooLong }
            }
        case .sizeLineFeed:
            guard byte == 0x0A else { throw .chunkSize }
            if remaining > 0 {
                state = .data
            } else {
                state = .trailerStart
                overhead = 0
            }
        case .dataCR:
            guard byte == 0x0D else { throw .chunkEnd }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { throw .chunkEnd }
            state = .size
            sizeDigits = 0
        case .trailerStart, .trailerLine, .trailerLineFeed, .lastLineFeed:
            try stepTrailer(byte)
        case .length, .untilClose, .data, .done, .failed:
            preconditionFailure("handled before")
        }
    }

    private mutating func stepSize(_ byte: UInt8) throws(HTTPRefusal) {
        if let digit = byte.hexValue {
            sizeDigits += 1
            guard sizeDigits <= Self.sizeDigitsMax else { throw .chunkSize }
            remaining = remaining << 4 | Int(digit)
            return
        }
        guard sizeDigits > 0 else { throw .chunkSize }
        guard remaining <= bodyBytesMax - total else { throw .bodyTooLarge }
        total += remaining
        switch byte {
        case 0x0D: state = .sizeLineFeed
        case UInt8(ascii: ";"): state = .sizeExtension
        default: throw .chunkSize
        }
    }

    /// Trailer lines are checked for their line ends and dropped: no field of ours is allowed there.
    private mutating func stepTrailer(_ byte: UInt8) throws(HTTPRefusal) {
        overhead += 1
        guard overhead <= Self.trailerBytesMax else { throw .trailerTooLarge }
        switch state {
        case .trailerStart where byte == 0x0D:
            state = .lastLineFeed
        case .trailerStart, .trailerLine:
            if byte == 0x0D {
                state = .trailerLineFeed
            } else {
                guard !byte.isForbiddenControl else { throw byte == 0x0A ? .lineEnd : .controlByte }
                state = .trailerLine
            }
        case .trailerLineFeed:
            guard byte == 0x0A else { throw .lineEnd }
            state = .trailerStart
        default:
            guard byte == 0x0A else { throw .lineEnd }
            state = .done
        }
    }
}
