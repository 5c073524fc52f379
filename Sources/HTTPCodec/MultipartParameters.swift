/// Walks the `; name=value` parameters behind a media type or a disposition (RFC 2045 §5.1, RFC 7578 §4.2).
struct MultipartParameters {
    struct Parameter {
        let name: Range<Int>
        /// Without quotes and escapes.
        let value: [UInt8]
    }

    private var index: Int

    init(_ bytes: Span<UInt8>, from start: Int) {
        index = start
    }

    /// What stands before the first parameter, and where that ends.
    static func type(_ bytes: Span<UInt8>) -> (type: Range<Int>, end: Int) {
        let end = Octets.first(UInt8(ascii: ";"), in: bytes, 0..<bytes.count) ?? bytes.count
        return (Octets.trimmed(bytes, 0..<end), end)
    }

    /// nil: there is no further one.
    mutating func next(_ bytes: Span<UInt8>) throws(MultipartRefusal) -> Parameter? {
        while index < bytes.count, bytes[index].isBlank || bytes[index] == UInt8(ascii: ";") { index += 1 }
        guard index < bytes.count else { return nil }
        let start = index
        while index < bytes.count, bytes[index].isTokenCharacter { index += 1 }
        let name = start..<index
        guard !name.isEmpty, index < bytes.count, bytes[index] == UInt8(ascii: "=") else { throw .parameter }
        index += 1
        let isQuoted = index < bytes.count && bytes[index] == UInt8(ascii: "\"")
        return Parameter(name: name, value: isQuoted ? try quoted(bytes) : plain(bytes))
    }

    /// Up to the next semicolon: clients leave the quotes out even where a boundary is no token.
    private mutating func plain(_ bytes: Span<UInt8>) -> [UInt8] {
        let end = Octets.first(UInt8(ascii: ";"), in: bytes, index..<bytes.count) ?? bytes.count
        let range = Octets.trimmed(bytes, index..<end)
        index = end
        return Self.copy(bytes, range)
    }

    /// A backslash escapes a quote or a backslash and is itself before anything else: browsers send the backslashes of a
    /// file name as they are.
    private mutating func quoted(_ bytes: Span<UInt8>) throws(MultipartRefusal) -> [UInt8] {
        var value: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                while index < bytes.count, bytes[index].isBlank { index += 1 }
                guard index == bytes.count || bytes[index] == UInt8(ascii: ";") else { throw .parameter }
                return value
            }
            if byte == UInt8(ascii: "\\"), index < bytes.count,
                bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "\\")
            {
                value.append(bytes[index])
                index += 1
            } else {
                value.append(byte)
            }
        }
        throw .parameter
    }

    static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        Octets.append(bytes.extracting(range), to: &copy)
        return copy
    }
}
