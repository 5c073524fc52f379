extension JSONReader {
    /// A whole number within 64 bits, written without fraction and exponent.
    public mutating func int64() throws(JSONError) -> Int64 {
        guard try kind() == .number else { throw error(.integer) }
        let start = position
        let isNegative = byte(at: position) == UInt8(ascii: "-")
        let range = try skip()
        var magnitude: UInt64 = 0
        for offset in (isNegative ? start + 1 : start)..<range.upperBound {
            let digit = byte(at: offset) &- UInt8(ascii: "0")
            guard digit <= 9 else { throw JSONError(offset: start, expected: .integer) }
            let (tens, over) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
            guard !over, !carry else { throw JSONError(offset: start, expected: .integer) }
            magnitude = sum
        }
        let bound = UInt64(Int64.max) + (isNegative ? 1 : 0)
        guard magnitude <= bound else { throw JSONError(offset: start, expected: .integer) }
        return isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
    }

    public mutating func bool() throws(JSONError) -> Bool {
        guard try kind() == .boolean else { throw error(.boolean) }
        let isTrue = byte(at: position) == UInt8(ascii: "t")
        try literal(isTrue ? "true" : "false")
        return isTrue
    }

    public mutating func null() throws(JSONError) {
        guard try kind() == .null else { throw error(.null) }
        try literal("null")
    }

    public mutating func string() throws(JSONError) -> String {
        decode(try text())
    }

    /// A string, checked and left where it stands.
    public mutating func text() throws(JSONError) -> JSONText {
        guard try peek(.string) == UInt8(ascii: "\"") else { throw error(.string) }
        return try scanText()
    }

    /// Reads one value of any kind and checks all of it; returns where it stands, without white space around it.
    @discardableResult
    public mutating func skip() throws(JSONError) -> Range<Int> {
        let start: Int
        _ = try peek(.value)
        start = position
        let room = depthMax - depth
        // One bit per container that `skip` itself has open, the innermost lowest: 1 is an object.
        var open: UInt64 = 0
        var level = 0
        scan: while true {
            switch try peek(.value) {
            case UInt8(ascii: "{"):
                guard level < room else { throw error(.lessNesting) }
                position += 1
                if try peek(.keyOrEnd) == UInt8(ascii: "}") {
                    position += 1
                } else {
                    open = open << 1 | 1
                    level += 1
                    _ = try memberName()
                    continue scan
                }
            case UInt8(ascii: "["):
                guard level < room else { throw error(.lessNesting) }
                position += 1
                if try peek(.value) == UInt8(ascii: "]") {
                    position += 1
                } else {
                    open <<= 1
                    level += 1
                    continue scan
                }
            case UInt8(ascii: "\""): _ = try scanText()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            default: try scanNumber()
            }
            // A value has ended: close what ends with it.
            while level > 0 {
                let byte = try peek(.commaOrEnd)
                let isObject = open & 1 == 1
                if byte == UInt8(ascii: ",") {
                    position += 1
                    if isObject {
                        _ = try peek(.key)
                        _ = try memberName()
                    }
                    continue scan
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw error(.commaOrEnd) }
                position += 1
                open >>= 1
                level -= 1
            }
            return start..<position
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        guard end <= count, equals(position..<end, word) else { throw error(.value) }
        position = end
    }

    /// RFC 8259 §6: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func scanNumber() throws(JSONError) {
        if byte(at: position) == UInt8(ascii: "-") {
            position += 1
            guard isDigit() else { throw error(.digit) }
        }
        guard isDigit() else { throw error(.value) }
        if byte(at: position) == UInt8(ascii: "0") {
            position += 1
        } else {
            try scanDigits()
        }
        if position < count, byte(at: position) == UInt8(ascii: ".") {
            position += 1
            try scanDigits()
        }
        if position < count, byte(at: position) | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < count, byte(at: position) == UInt8(ascii: "+") || byte(at: position) == UInt8(ascii: "-") {
                position += 1
            }
            try scanDigits()
        }
    }

    private mutating func scanDigits() throws(JSONError) {
        guard isDigit() else { throw error(.digit) }
        while isDigit() { position += 1 }
    }

    private func isDigit() -> Bool {
        position < count && byte(at: position) &- UInt8(ascii: "0") <= 9
    }
}
