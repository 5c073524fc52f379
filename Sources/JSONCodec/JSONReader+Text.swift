/// Taking checked text and raw values out of the buffer.
//
// SAFETY (whole file): ranges are checked against the buffer before a pointer is formed from them.
extension JSONReader {
    /// The text with its escapes resolved.
    public func decode(_ text: JSONText) -> String {
        check(text.range)
        let raw = unsafe UnsafeRawBufferPointer(rebasing: bytes[text.range])
        guard text.hasEscapes else { return unsafe String(decoding: raw, as: UTF8.self) }
        // No escape is shorter than what it stands for.
        return unsafe String(unsafeUninitializedCapacity: raw.count) { buffer in
            unsafe unescape(text.range, into: buffer)
        }
    }

    /// Whether the text, its escapes resolved, is exactly `literal`, by bytes: no Unicode equivalence.
    public func matches(_ text: JSONText, _ literal: StaticString) -> Bool {
        if !text.hasEscapes { return equals(text.range, literal) }
        let decoded = Array(decode(text).utf8)
        return unsafe decoded.elementsEqual(
            UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Whether a byte stands in a range, as `skip` gave it.
    public func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
        check(range)
        return unsafe bytes[range].contains(byte)
    }

    /// The bytes of a range as they stand, as `skip` gave it.
    public func copy(_ range: Range<Int>) -> [UInt8] {
        check(range)
        return unsafe [UInt8](bytes[range])
    }

    /// Appends the bytes of a range as they stand.
    public func append(_ range: Range<Int>, to output: inout [UInt8]) {
        check(range)
        unsafe output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    func equals(_ range: Range<Int>, _ literal: StaticString) -> Bool {
        check(range)
        precondition(literal.hasPointerRepresentation, "a literal of one character is no key")
        let count = literal.utf8CodeUnitCount
        guard range.count == count else { return false }
        let start = unsafe literal.utf8Start
        for offset in 0..<count {
            guard unsafe bytes[range.lowerBound + offset] == start[offset] else { return false }
        }
        return true
    }

    private func check(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range is not of this reader")
    }

    /// Returns how many bytes it wrote. The escapes were checked when the text was read.
    @unsafe
    private func unescape(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var from = range.lowerBound
        var written = 0
        while from < range.upperBound {
            let byte = byte(at: from)
            guard byte == UInt8(ascii: "\\") else {
                unsafe output[written] = byte
                written += 1
                from += 1
                continue
            }
            let (scalar, length) = escape(at: from)
            for unit in UTF8.encode(scalar)! {
                unsafe output[written] = unit
                written += 1
            }
            from += length
        }
        return written
    }

    /// What the escape at `offset` stands for and how many bytes it takes.
    private func escape(at offset: Int) -> (Unicode.Scalar, length: Int) {
        switch byte(at: offset + 1) {
        case UInt8(ascii: "b"): return ("\u{8}", 2)
        case UInt8(ascii: "f"): return ("\u{C}", 2)
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(at: offset + 2) else { break }
            if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
            guard let low = hexUnit(at: offset + 8) else { break }
            let value = 0x1_0000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(low) & 0x3FF
            guard let scalar = Unicode.Scalar(value) else { break }
            return (scalar, 12)
        case let byte: return (Unicode.Scalar(byte), 2)
        }
        preconditionFailure("the text was not checked by this reader")
    }
}
