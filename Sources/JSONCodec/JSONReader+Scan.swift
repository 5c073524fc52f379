/// Checking strings: word by word while nothing in them is special.
extension JSONReader {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Reads the string whose opening quote is at `position`.
    mutating func scanText() throws(JSONError) -> JSONText {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlain()
            guard position < count else { throw error(.endOfString) }
            switch byte(at: position) {
            case UInt8(ascii: "\""):
                position += 1
                return JSONText(range: start..<(position - 1), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try scanEscape()
            case 0..<0x20: throw error(.escapedControl)
            case 0x80...0xFF: try scanMultibyte()
            default: position += 1
            }
        }
    }

    /// Over bytes that are ASCII, no quote, no backslash, no control character, eight at a time.
    private mutating func skipPlain() {
        while position <= count - 8 {
            let word = word(at: position)
            // Each term lifts the high bit of the first byte that is zero in it, or of later ones by a borrow; only the
            // lowest one is used, so a borrow never misleads.
            let quotes = (word ^ Self.ones &* 0x22) &- Self.ones
            let backslashes = (word ^ Self.ones &* 0x5C) &- Self.ones
            let controls = word &- Self.ones &* 0x20
            let special = (quotes | backslashes | controls | word) & Self.highBits
            if special != 0 {
                position += special.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
    }

    private mutating func scanEscape() throws(JSONError) {
        guard position + 1 < count else { throw error(.escape) }
        switch byte(at: position + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(at: position + 2) else { throw error(.escape) }
            switch unit {
            case 0xD800...0xDBFF:
                // RFC 8259 §8.2 leaves lone surrogates open; they are no Unicode text, so they are refused.
                guard position + 7 < count, byte(at: position + 6) == UInt8(ascii: "\\"),
                    byte(at: position + 7) == UInt8(ascii: "u"), let low = hexUnit(at: position + 8),
                    (0xDC00...0xDFFF).contains(low)
                else { throw error(.surrogatePair) }
                position += 12
            case 0xDC00...0xDFFF: throw error(.surrogatePair)
            default: position += 6
            }
        default: throw error(.escape)
        }
    }

    /// Four hexadecimal digits.
    func hexUnit(at offset: Int) -> UInt16? {
        guard offset + 4 <= count else { return nil }
        var unit: UInt16 = 0
        for position in offset..<(offset + 4) {
            let digit: UInt8
            switch byte(at: position) {
            case let byte where byte &- UInt8(ascii: "0") <= 9: digit = byte &- UInt8(ascii: "0")
            case let byte where (byte | 0x20) &- UInt8(ascii: "a") <= 5: digit = (byte | 0x20) &- UInt8(ascii: "a") + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Unicode 15, table 3-7: shortest forms only, no surrogates, nothing past U+10FFFF.
    private mutating func scanMultibyte() throws(JSONError) {
        let lead = byte(at: position)
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw error(.utf8)
        }
        guard position <= count - length, second.contains(byte(at: position + 1)) else { throw error(.utf8) }
        for offset in (position + 2)..<(position + length) where byte(at: offset) & 0xC0 != 0x80 {
            throw error(.utf8)
        }
        position += length
    }
}
