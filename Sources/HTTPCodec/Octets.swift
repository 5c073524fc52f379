// Byte classes and small comparisons shared by the parsers and writers of this room.

extension UInt8 {
    /// RFC 9110 §5.6.2: the characters of a token, as one bit each: letters, digits and ``!#$%&'*+-.^_`|~``.
    var isTokenCharacter: Bool {
        let bits: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return self < 128 && bits >> UInt64(self & 63) & 1 != 0
    }

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Space or horizontal tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// What may never stand in a line: everything below space but tab, and DEL.
    var isForbiddenControl: Bool { (self < 0x20 && self != 0x09) || self == 0x7F }

    var lowercasedASCII: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }

    /// 0–15, or nil when this is no hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

enum Octets {
    /// Whether `bytes[range]` is `word`, letters compared without case.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, ignoringCaseOf word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            // SAFETY: a string literal lives for ever, and the offset is below its length, checked above.
            let expected = unsafe word.utf8Start[offset]
            if bytes[range.lowerBound + offset].lowercasedASCII != expected.lowercasedASCII { return false }
        }
        return true
    }

    /// Whether `bytes[range]` is exactly `word`.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            // SAFETY: as above.
            if unsafe bytes[range.lowerBound + offset] != word.utf8Start[offset] { return false }
        }
        return true
    }

    /// `range` without blanks at either end.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower].isBlank { lower += 1 }
        while upper > lower, bytes[upper - 1].isBlank { upper -= 1 }
        return lower..<upper
    }

    static func first(_ byte: UInt8, in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Calls `body` for each non-empty element of a comma-separated list, blanks trimmed.
    static func forEachElement(_ bytes: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start <= range.upperBound {
            let end = first(UInt8(ascii: ","), in: bytes, start..<range.upperBound) ?? range.upperBound
            let element = trimmed(bytes, start..<end)
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }

    /// Decimal digits only, at most 18 of them, so that the value always fits.
    static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.count <= 18 else { return nil }
        var value = 0
        for index in range {
            guard bytes[index].isDigit else { return nil }
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return value
    }

    static func append(_ text: StaticString, to out: inout [UInt8]) {
        // SAFETY: a string literal lives for ever; the length is its own.
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        // SAFETY: the pointer is used only inside the closure, while the span is borrowed.
        unsafe bytes.withUnsafeBufferPointer { unsafe out.append(contentsOf: $0) }
    }

    static func appendDecimal(_ value: Int, to out: inout [UInt8]) {
        precondition(value >= 0, "lengths and statuses are never negative")
        var divisor = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            out.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    static func appendHex(_ value: Int, to out: inout [UInt8]) {
        precondition(value >= 0, "chunk sizes are never negative")
        var shift = 60
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(value >> shift & 0xF)
            out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }
}
