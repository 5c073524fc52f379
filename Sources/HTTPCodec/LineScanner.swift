/// Finds lines that end with CR LF, remembering how far it looked, so that a head that arrives in many pieces is looked
/// at once. Refuses every other control byte on sight.
struct LineScanner: Sendable {
    enum Line {
        case needMore
        case line(Range<Int>)
        /// `limit` was reached before the line's end.
        case tooLong
        case refused(HTTPRefusal)
    }

    /// Where the current line begins.
    private(set) var lineStart = 0
    private var scanned = 0

    /// - Parameter limit: the offset no line of the head may pass, its line end included.
    mutating func next(_ bytes: Span<UInt8>, limit: Int) -> Line {
        precondition(bytes.count >= scanned, "the bytes of a partial head must be kept")
        while scanned < bytes.count {
            scanned = Self.skipPlain(bytes, scanned, min(bytes.count, limit))
            guard scanned < bytes.count else { break }
            guard scanned < limit else { return .tooLong }
            let byte = bytes[scanned]
            if byte == 0x0D {
                guard scanned + 1 < limit else { return .tooLong }
                guard scanned + 1 < bytes.count else { return .needMore }
                // RFC 9112 §2.2: a bare CR is invalid; taking it for a line end invites request smuggling.
                guard bytes[scanned + 1] == 0x0A else { return .refused(.lineEnd) }
                let line = lineStart..<scanned
                scanned += 2
                lineStart = scanned
                return .line(line)
            }
            if byte.isForbiddenControl { return .refused(byte == 0x0A ? .lineEnd : .controlByte) }
            scanned += 1
        }
        return scanned < limit ? .needMore : .tooLong
    }

    /// The first place from `start` on, within eight bytes, where a control byte may be; `end` when there is none.
    private static func skipPlain(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        // SAFETY: bytes have no padding, and every load lies below `end`, which is at most their count.
        let raw = unsafe bytes.bytes
        precondition(start >= 0 && end <= bytes.count, "offsets of the bytes")
        var index = start
        while index + 8 <= end {
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            // The top bit of each byte: below space, or DEL. A byte of 80 or more is neither.
            let low = word &- 0x2020_2020_2020_2020
            let delete = (word ^ 0x7F7F_7F7F_7F7F_7F7F) &- 0x0101_0101_0101_0101
            if (low | delete) & ~word & 0x8080_8080_8080_8080 != 0 { return index }
            index += 8
        }
        return index
    }
}
