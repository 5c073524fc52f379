// Small helpers over bytes shared in this room.

enum Octets {
    static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        // SAFETY: the pointer is used only inside the closure, while the span is borrowed.
        unsafe bytes.withUnsafeBufferPointer { unsafe out.append(contentsOf: $0) }
    }

    static func append(_ text: StaticString, to out: inout [UInt8]) {
        // SAFETY: a string literal lives for ever; the length is its own.
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether `bytes[range]` is `word`, letters compared without case.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, ignoringCaseOf word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            // SAFETY: a string literal lives for ever, and the offset is below its length, checked above.
            let expected = unsafe word.utf8Start[offset]
            if lowercased(bytes[range.lowerBound + offset]) != lowercased(expected) { return false }
        }
        return true
    }

    /// Whether the comma-separated list holds the token, letters compared without case.
    static func list(_ bytes: Span<UInt8>, holds token: StaticString) -> Bool {
        var start = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
            var (lower, upper) = (start, end)
            while lower < upper, isBlank(bytes[lower]) { lower += 1 }
            while upper > lower, isBlank(bytes[upper - 1]) { upper -= 1 }
            if equal(bytes, lower..<upper, ignoringCaseOf: token) { return true }
            start = end + 1
        }
        return false
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// RFC 9110 §5.6.2.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}
