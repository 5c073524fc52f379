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
}
