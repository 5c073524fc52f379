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
        // SAFETY: the pointer is used only inside the closure, at offsets within the range, which is within the bytes.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return true }
            return unsafe accept(start, range)
        }
    }

    private mutating func accept(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            // Whole characters need no state; what is cut by the end of the range, or bad, goes byte by byte.
            if needed == 0 {
                unsafe Self.skipWholeCharacters(bytes, &index, range.upperBound)
                guard index < range.upperBound else { return true }
            }
            guard unsafe accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Moves `index` over valid whole characters, at most up to `end`.
    private static func skipWholeCharacters(_ bytes: UnsafePointer<UInt8>, _ index: inout Int, _ end: Int) {
        while index < end {
            let lead = unsafe bytes[index]
            if lead < 0x80 {
                // Eight ASCII bytes at a time; chat is mostly that.
                while index + 8 <= end {
                    let word = unsafe UnsafeRawPointer(bytes + index).loadUnaligned(as: UInt64.self)
                    if word & 0x8080_8080_8080_8080 != 0 { break }
                    index += 8
                }
                while index < end, unsafe bytes[index] < 0x80 { index += 1 }
            } else if lead < 0xE0 {
                guard lead >= 0xC2, index + 2 <= end, unsafe bytes[index + 1] & 0xC0 == 0x80 else { return }
                index += 2
            } else if lead < 0xF0 {
                guard index + 3 <= end else { return }
                let second = unsafe bytes[index + 1]
                let third = unsafe bytes[index + 2]
                guard second & 0xC0 == 0x80, third & 0xC0 == 0x80, lead != 0xE0 || second >= 0xA0,
                    lead != 0xED || second < 0xA0
                else { return }
                index += 3
            } else {
                // Rare enough for the table.
                return
            }
        }
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
