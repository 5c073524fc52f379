/// Walks a `multipart/form-data` body (RFC 7578, RFC 2046 §5.1) that arrives in pieces. Owned by whoever reads the body.
///
/// It keeps no content: parts come out as ranges of the bytes given. Bytes that may turn out to begin a boundary, always
/// fewer than the boundary's 74, stay with the caller: what lies behind the cursor is handed in again with more behind
/// it. What is found, or refused, does not depend on how the bytes were cut.
///
///     state      | input                               | next
///     start      | CR LF (once), then `--boundary`     | delimiter
///     delimiter  | blanks, CR LF                       | head
///     delimiter  | `--`                                | epilogue
///     head       | lines up to an empty one            | `.part`; content
///     content    | bytes                               | `.data`
///     content    | CR LF `--boundary`                  | `.partEnd`; delimiter
///     epilogue   | anything, bounded                   | discarded
public struct MultipartParser: Sendable {
    public enum Step: Sendable, Equatable {
        /// Keep the bytes from the cursor on and call again with more behind them, or with none and `ended`.
        case needMore
        /// A part begins.
        case part(MultipartPart)
        /// More of its content, as offsets into the given bytes; never empty.
        case data(Range<Int>)
        case partEnd
        /// The body is complete.
        case end
        case refused(MultipartRefusal)
    }

    private enum State: Sendable {
        case start, delimiter, delimiterHyphen, delimiterLineFeed, head, content, epilogue
        case done
        case failed(MultipartRefusal)
    }

    /// Blanks that may follow a boundary (RFC 2046: transport padding).
    private static let paddingMax = 64

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.start
    private var head = MultipartHead()
    private var padding = 0
    private var parts = 0
    /// Content bytes of the part, if it is no file; nil: not counted.
    private var fieldBytes: Int?
    private var epilogueBytes = 0
    private var lineBreakSkipped = false

    public init(boundary: MultipartBoundary, limits: MultipartLimits = MultipartLimits()) {
        delimiter = boundary.delimiter
        self.limits = limits
    }

    /// Call until it says `.needMore`, `.end` or `.refused`.
    /// - Parameters:
    ///   - bytes: what the call before left behind the cursor, and more.
    ///   - cursor: where to read on; moved past what was consumed.
    ///   - ended: nothing follows these bytes.
    public mutating func next(_ bytes: Span<UInt8>, _ cursor: inout Int, ended: Bool) -> Step {
        while true {
            switch state {
            case .done: return .end
            case .failed(let refusal): return .refused(refusal)
            case .start:
                guard let isBegun = begin(bytes, &cursor) else { return starved(ended) }
                if !isBegun { return fail(.preamble) }
            case .content:
                if let step = content(bytes, &cursor, ended: ended) { return step }
            case .epilogue:
                epilogueBytes += bytes.count - cursor
                cursor = bytes.count
                if epilogueBytes > limits.epilogueBytesMax { return fail(.epilogue) }
                guard ended else { return .needMore }
                state = .done
            case .delimiter, .delimiterHyphen, .delimiterLineFeed, .head:
                guard cursor < bytes.count else { return starved(ended) }
                do throws(MultipartRefusal) {
                    cursor += 1
                    if let part = try step(bytes[cursor - 1]) { return .part(part) }
                } catch {
                    return fail(error)
                }
            }
        }
    }

    private mutating func starved(_ ended: Bool) -> Step {
        ended ? fail(.truncated) : .needMore
    }

    private mutating func fail(_ refusal: MultipartRefusal) -> Step {
        state = .failed(refusal)
        return .refused(refusal)
    }

    // MARK: - Boundaries

    /// Whether the first boundary is there; nil: it cannot be told yet.
    private mutating func begin(_ bytes: Span<UInt8>, _ cursor: inout Int) -> Bool? {
        // The first boundary lacks the line break in front; some clients send it all the same.
        let skips = lineBreakSkipped ? 0 : matched(bytes, cursor, from: 0, through: 2)
        if skips == 2 {
            lineBreakSkipped = true
            cursor += 2
        } else if skips == 1 {
            return bytes.count - cursor == 1 ? nil : false
        }
        let count = matched(bytes, cursor, from: 2, through: delimiter.count)
        if count == delimiter.count - 2 {
            cursor += count
            state = .delimiter
            return true
        }
        return cursor + count == bytes.count ? nil : false
    }

    /// How many bytes at `start` are those of the delimiter between two of its offsets.
    private func matched(_ bytes: Span<UInt8>, _ start: Int, from: Int, through: Int) -> Int {
        var count = 0
        while from + count < through, start + count < bytes.count, bytes[start + count] == delimiter[from + count] {
            count += 1
        }
        return count
    }

    /// One byte behind a boundary or of a part's head.
    private mutating func step(_ byte: UInt8) throws(MultipartRefusal) -> MultipartPart? {
        switch state {
        case .delimiter where byte == UInt8(ascii: "-") && padding == 0: state = .delimiterHyphen
        case .delimiter where byte == 0x0D: state = .delimiterLineFeed
        case .delimiter where byte.isBlank && padding < Self.paddingMax: padding += 1
        case .delimiterHyphen where byte == UInt8(ascii: "-"): state = .epilogue
        case .delimiterLineFeed where byte == 0x0A:
            parts += 1
            guard parts <= limits.partsMax else { throw .tooManyParts }
            head = MultipartHead()
            state = .head
        case .head:
            guard let part = try head.append(byte, limits) else { return nil }
            fieldBytes = part.filename == nil ? 0 : nil
            state = .content
            return part
        default: throw .delimiterLine
        }
        return nil
    }

    // MARK: - Content

    private mutating func content(_ bytes: Span<UInt8>, _ cursor: inout Int, ended: Bool) -> Step? {
        var index = cursor
        while let start = Self.firstCarriageReturn(bytes, index) {
            let count = matched(bytes, start, from: 0, through: delimiter.count)
            if count == delimiter.count {
                if start > cursor { return data(cursor..<start, &cursor) }
                cursor = start + count
                padding = 0
                state = .delimiter
                return .partEnd
            }
            // Cut within what may be a boundary: it stays with the caller, unless nothing can follow.
            if start + count == bytes.count {
                if start > cursor { return data(cursor..<start, &cursor) }
                return starved(ended)
            }
            index = start + 1
        }
        if cursor < bytes.count { return data(cursor..<bytes.count, &cursor) }
        return starved(ended)
    }

    private mutating func data(_ range: Range<Int>, _ cursor: inout Int) -> Step {
        if let count = fieldBytes {
            guard count + range.count <= limits.fieldBytesMax else { return fail(.fieldTooLarge) }
            fieldBytes = count + range.count
        }
        cursor = range.upperBound
        return .data(range)
    }

    /// The first CR at or behind `start`, looked for eight bytes at a time: files are long and have few.
    private static func firstCarriageReturn(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        // SAFETY: bytes have no padding, and every load lies below their count.
        let raw = unsafe bytes.bytes
        var index = start
        while index + 8 <= bytes.count {
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            // The top bit of each byte that is a CR; a byte above one may be marked too, so the bytes are looked at.
            let others = word ^ 0x0D0D_0D0D_0D0D_0D0D
            if (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] == 0x0D { return index }
            index += 1
        }
        return nil
    }
}
