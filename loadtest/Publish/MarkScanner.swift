/// The mark that every message of a run carries, and the search for it: `#halley-load-<run>-<sequence>#`, with eight
/// hexadecimal and eight decimal digits.
///
/// Frames of one kind have their mark at about the same place, so the place where the last one was is looked at first.
struct MarkScanner {
    static let digits = 8
    /// Sequence numbers stay below this.
    static let sequenceMax: UInt32 = 100_000_000

    private let prefix: [UInt8]
    private var hint = 0

    init(run: UInt64) {
        let hex = String(UInt32(truncatingIfNeeded: run), radix: 16)
        prefix = Array("#halley-load-\(String(repeating: "0", count: 8 - hex.count))\(hex)-".utf8)
    }

    /// Bytes of a mark.
    var byteCount: Int { prefix.count + Self.digits + 1 }

    /// Appends the mark of a sequence number.
    func append(_ sequence: UInt32, to out: inout [UInt8]) {
        precondition(sequence < Self.sequenceMax, "a sequence number has eight digits")
        out.append(contentsOf: prefix)
        let digits = String(sequence)
        out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Self.digits - digits.utf8.count))
        out.append(contentsOf: digits.utf8)
        out.append(UInt8(ascii: "#"))
    }

    /// The sequence number of the first mark in `bytes`; nil without one.
    mutating func sequence(in bytes: Span<UInt8>) -> UInt32? {
        if let sequence = sequence(in: bytes, at: hint) { return sequence }
        var offset = 0
        while offset + byteCount <= bytes.count {
            if let sequence = sequence(in: bytes, at: offset) {
                hint = offset
                return sequence
            }
            offset += 1
        }
        return nil
    }

    private func sequence(in bytes: Span<UInt8>, at offset: Int) -> UInt32? {
        guard offset + byteCount <= bytes.count else { return nil }
        for index in 0..<prefix.count where bytes[offset + index] != prefix[index] { return nil }
        var sequence: UInt32 = 0
        let start = offset + prefix.count
        for index in start..<start + Self.digits {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            sequence = sequence * 10 + UInt32(digit)
        }
        return bytes[start + Self.digits] == UInt8(ascii: "#") ? sequence : nil
    }
}
