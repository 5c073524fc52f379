/// A pull reader over the bytes of one JSON text (RFC 8259): no tree, no copy, nothing allocated until a `String` is
/// asked for.
///
/// The caller drives: `enterObject`, then `nextKey` until it is nil, and after every key exactly one value is read,
/// skipped or entered. Values that nobody looks into are taken as ranges by `skip`, which checks them all the same, so a
/// text that was read to its `finish` is valid JSON throughout.
///
///     try JSONReader.read(bytes) { (reader: inout JSONReader) throws(JSONError) in
///         try reader.enterObject()
///         while let key = try reader.nextKey() {
///             if reader.matches(key, "id") { id = try reader.int64() } else { try reader.skip() }
///         }
///         try reader.finish()
///     }
///
/// Strict: UTF-8 is checked, lone surrogates, bare control characters and trailing bytes are refused, and nesting past
/// `depthMax` is refused before it costs anything. Duplicate keys are handed out as they come; a caller that assigns
/// takes the last one, as JavaScript does.
///
/// Any thread; never outlives the buffer it reads.
//
// SAFETY (whole type): `bytes` is valid for the reader's lifetime by the contract of the unsafe initialiser; `read`
// keeps it by lending the reader to a closure. Every access goes through `byte(at:)`, `word(at:)` or a range that is
// checked against `bytes.count`.
@safe
public struct JSONReader: ~Copyable {
    public static let defaultDepthMax = 32
    /// One bit per open container is kept while skipping.
    static let depthBitsMax = 64

    let bytes: UnsafeRawBufferPointer
    let depthMax: Int
    /// Of the next unread byte.
    public internal(set) var position = 0
    var depth = 0
    /// True between entering a container and its first key or element.
    var isFirst = false

    /// The buffer must stay valid and unchanged for as long as the reader is used.
    @unsafe
    public init(_ bytes: UnsafeRawBufferPointer, depthMax: Int = JSONReader.defaultDepthMax) {
        precondition((1...Self.depthBitsMax).contains(depthMax), "depthMax is 1...64")
        unsafe self.bytes = unsafe bytes
        self.depthMax = depthMax
    }

    /// Lends a reader over `bytes` to `body`.
    public static func read<R: ~Copyable, E: Error>(
        _ bytes: [UInt8], depthMax: Int = JSONReader.defaultDepthMax,
        _ body: (inout JSONReader) throws(E) -> R
    ) throws(E) -> R {
        // SAFETY: bytes have no padding.
        try unsafe read(bytes.span.bytes, depthMax: depthMax, body)
    }

    /// Lends a reader over `bytes` to `body`.
    public static func read<R: ~Copyable, E: Error>(
        _ bytes: RawSpan, depthMax: Int = JSONReader.defaultDepthMax,
        _ body: (inout JSONReader) throws(E) -> R
    ) throws(E) -> R {
        try unsafe bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(E) -> R in
            var reader = unsafe JSONReader(buffer, depthMax: depthMax)
            return try body(&reader)
        }
    }

    public var count: Int { unsafe bytes.count }

    // MARK: Containers

    /// The kind of the next value, by its first byte; nothing is consumed but white space.
    public mutating func kind() throws(JSONError) -> JSONKind {
        switch try peek(.value) {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: throw error(.value)
        }
    }

    public mutating func enterObject() throws(JSONError) {
        guard try peek(.object) == UInt8(ascii: "{") else { throw error(.object) }
        try enter()
    }

    /// The next key of the entered object, its colon consumed; nil at the object's end, which is then left.
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        var byte = try peek(.keyOrEnd)
        if byte == UInt8(ascii: "}") {
            leave()
            return nil
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw error(.commaOrEnd) }
            position += 1
            byte = try peek(.key)
        }
        isFirst = false
        return try memberName()
    }

    public mutating func enterArray() throws(JSONError) {
        guard try peek(.array) == UInt8(ascii: "[") else { throw error(.array) }
        try enter()
    }

    /// True when an element follows; false at the end of the entered array, which is then left.
    public mutating func nextElement() throws(JSONError) -> Bool {
        let byte = try peek(.commaOrEnd)
        if byte == UInt8(ascii: "]") {
            leave()
            return false
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw error(.commaOrEnd) }
            position += 1
            // A bracket after a comma is no value.
            _ = try kind()
        }
        isFirst = false
        return true
    }

    /// Refuses anything but white space up to the end of the buffer.
    public mutating func finish() throws(JSONError) {
        skipSpace()
        guard position == count else { throw error(.endOfText) }
    }

    /// Goes back to a value whose range `skip` gave, to look into it: the next read reads that value. Right after its
    /// `skip`, reading goes on behind it as before; otherwise, once the text is finished, nothing goes on.
    public mutating func revisit(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range is not of this reader")
        position = range.lowerBound
        isFirst = false
    }

    private mutating func enter() throws(JSONError) {
        guard depth < depthMax else { throw error(.lessNesting) }
        depth += 1
        position += 1
        isFirst = true
    }

    private mutating func leave() {
        precondition(depth > 0, "no container was entered")
        depth -= 1
        position += 1
        isFirst = false
    }

    /// A key and its colon.
    mutating func memberName() throws(JSONError) -> JSONText {
        guard position < count, byte(at: position) == UInt8(ascii: "\"") else { throw error(.key) }
        let name = try scanText()
        guard try peek(.colon) == UInt8(ascii: ":") else { throw error(.colon) }
        position += 1
        return name
    }

    // MARK: Bytes

    func error(_ expected: JSONError.Expectation) -> JSONError {
        JSONError(offset: position, expected: expected)
    }

    func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count, "read past the text")
        return unsafe bytes[offset]
    }

    /// Eight bytes, the first one lowest.
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count - 8, "read past the text")
        return unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The next byte that is no white space, not consumed.
    mutating func peek(_ expected: JSONError.Expectation) throws(JSONError) -> UInt8 {
        skipSpace()
        guard position < count else { throw error(expected) }
        return byte(at: position)
    }

    mutating func skipSpace() {
        while position < count {
            switch byte(at: position) {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
