/// Checks UTF-8 as it arrives (RFC 3629) and says no at the very byte that can no longer belong to any valid text: not
/// only at overlong forms, surrogates and above U+10FFFF, but already at their second byte. Four bytes of state.
struct UTF8Validator: Sendable, Equatable {
    /// Continuation bytes the current character still needs.
    private var needed: UInt8 = 0
    /// What the next of them may be; narrower than 80–BF only behind E0, ED, F0 and F4.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { needed == 0 }

    /// False when `bytes[range]` cannot continue the text.
    mutating func accept(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range of the bytes")
        // SAFETY: bytes are initialized memory of a type without padding.
        let raw = unsafe bytes.bytes
        var index = range.lowerBound
        while index < range.upperBound {
            if needed == 0 {
                // Eight ASCII bytes at a time; chat is mostly that.
                while index + 8 <= range.upperBound {
                    // SAFETY: index + 8 lies within the range, which lies within the bytes, checked above.
                    let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
                    if word & 0x8080_8080_8080_8080 != 0 { break }
                    index += 8
                }
                guard index < range.upperBound else { return true }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// RFC 3629 §4, the table of well-formed sequences.
    private mutating func accept(_ byte: UInt8) -> Bool {
        if needed > 0 {
            guard byte >= lower, byte <= upper else { return false }
            needed -= 1
            (lower, upper) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: needed = 1
        case 0xE0: (needed, lower) = (2, 0xA0)
        case 0xED: (needed, upper) = (2, 0x9F)
        case 0xE1...0xEF: needed = 2
        case 0xF0: (needed, lower) = (3, 0x90)
        case 0xF1...0xF3: needed = 3
        case 0xF4: (needed, upper) = (3, 0x8F)
        default: return false
        }
        return true
    }

    /// Whether `bytes[range]` is a whole valid text.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var validator = UTF8Validator()
        return validator.accept(bytes, range) && validator.isComplete
    }
}
