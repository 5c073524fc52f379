/// Writes JSON into one growing byte buffer: no tree and no intermediate strings.
///
/// Commas are put by the writer; balance of the containers is the caller's (checked in debug builds). Any thread.
public struct JSONWriter: Sendable {
    /// All that was written. May be appended to between values only by `raw`.
    public private(set) var bytes: [UInt8]
    private var needsComma = false
    private var depth = 0

    public init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Empties the writer and keeps its buffer.
    public mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        depth = 0
    }

    /// The finished text; the writer starts anew with an empty buffer.
    public mutating func take() -> [UInt8] {
        assert(depth == 0, "a container was left open")
        let taken = bytes
        bytes = []
        needsComma = false
        depth = 0
        return taken
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A key that needs no escaping; the next call writes its value.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendLiteral(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key of any text.
    public mutating func key(text name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
        needsComma = true
    }

    /// A constant that needs no escaping.
    public mutating func literal(_ value: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendLiteral(value)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func int(_ value: Int64) {
        separate()
        appendDecimal(value)
        needsComma = true
    }

    /// The number as a string of decimal digits.
    public mutating func decimalString(_ value: Int64) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendDecimal(value)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func bool(_ value: Bool) {
        separate()
        appendLiteral(value ? "true" : "false")
        needsComma = true
    }

    public mutating func null() {
        separate()
        appendLiteral("null")
        needsComma = true
    }

    /// One whole value that is valid JSON already, copied as it stands.
    public mutating func raw(_ value: [UInt8]) {
        separate()
        bytes.append(contentsOf: value)
        needsComma = true
    }

    /// The members of a whole object that is valid JSON already, into the object that is open here, with all that
    /// stands between them as it stands.
    public mutating func members(ofObject value: [UInt8]) {
        assert(value.first == UInt8(ascii: "{") && value.last == UInt8(ascii: "}"), "not an object")
        let inner = value.dropFirst().dropLast()
        guard inner.contains(where: { !Self.isSpace($0) }) else { return }
        separate()
        bytes.append(contentsOf: inner)
        needsComma = true
    }

    // MARK: Bytes

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
        depth += 1
    }

    private mutating func close(_ bracket: UInt8) {
        assert(depth > 0, "no container is open")
        bytes.append(bracket)
        needsComma = true
        depth -= 1
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendLiteral(_ value: StaticString) {
        // SAFETY: a static string of pointer representation lives as long as the program.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    private mutating func appendDecimal(_ value: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = value.magnitude
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 {
            bytes.append(UInt8(ascii: "-"))
        }
        for index in first..<20 { bytes.append(digits[index]) }
    }

    private mutating func appendQuoted(_ value: String) {
        var value = value
        bytes.append(UInt8(ascii: "\""))
        // SAFETY: the buffer is used within the closure only.
        value.withUTF8 { utf8 in
            unsafe JSONEscaping.append(utf8, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
