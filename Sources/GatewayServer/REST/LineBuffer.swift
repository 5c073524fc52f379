/// Cuts a stream of bytes into lines of bounded length. Confined to its owner.
struct LineBuffer {
    enum Line: Equatable {
        /// Without its end; a carriage return before the line feed is gone too.
        case text([UInt8])
        /// Longer than allowed, and dropped.
        case tooLong
    }

    private let lineBytesMax: Int
    private var bytes: [UInt8] = []
    /// Of the first line not taken yet.
    private var start = 0
    /// Up to here there is no line feed behind `start`.
    private var scanned = 0
    /// Inside a line that was given up.
    private var isSkipping = false
    private var hasEnded = false

    init(lineBytesMax: Int) {
        self.lineBytesMax = lineBytesMax
    }

    /// Bytes kept that no line was made of yet.
    var count: Int { bytes.count - start }

    /// `ended`: a last line without a line feed counts too.
    mutating func append(_ more: UnsafeRawBufferPointer, ended: Bool) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        // SAFETY: read within the call.
        unsafe bytes.append(contentsOf: more)
        hasEnded = hasEnded || ended
    }

    /// nil: there is no whole line.
    mutating func next() -> Line? {
        while true {
            guard let end = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
                scanned = bytes.count
                return rest()
            }
            let line = start..<end
            start = end + 1
            scanned = start
            if isSkipping {
                isSkipping = false
                continue
            }
            return made(of: line)
        }
    }

    /// What stands behind the last line feed.
    private mutating func rest() -> Line? {
        if hasEnded {
            let line = start..<bytes.count
            start = bytes.count
            return line.isEmpty || isSkipping ? nil : made(of: line)
        }
        guard isSkipping || count > lineBytesMax + 1 else { return nil }
        // Told once, when it is clear; the rest of it is not kept.
        defer {
            bytes.removeAll(keepingCapacity: true)
            (start, scanned, isSkipping) = (0, 0, true)
        }
        return isSkipping ? nil : .tooLong
    }

    private func made(of range: Range<Int>) -> Line {
        var line = bytes[range]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line.count > lineBytesMax ? .tooLong : .text(Array(line))
    }
}
