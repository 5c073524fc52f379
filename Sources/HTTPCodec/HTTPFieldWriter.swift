/// Appends header lines. What goes into a value can never end the line: control bytes become spaces, as RFC 9110 §5.5
/// allows, so nothing a user chose can add a header or a second answer. Names are literals and must be tokens.
public enum HTTPFieldWriter {
    public static func append(_ name: StaticString, _ value: StaticString, to out: inout [UInt8]) {
        appendName(name, to: &out)
        let start = out.count
        Octets.append(value, to: &out)
        endLine(from: start, to: &out)
    }

    public static func append(_ name: StaticString, _ value: Span<UInt8>, to out: inout [UInt8]) {
        appendName(name, to: &out)
        let start = out.count
        Octets.append(value, to: &out)
        endLine(from: start, to: &out)
    }

    public static func append(_ name: StaticString, text value: String, to out: inout [UInt8]) {
        appendName(name, to: &out)
        let start = out.count
        out.append(contentsOf: value.utf8)
        endLine(from: start, to: &out)
    }

    public static func append(_ name: StaticString, number value: Int, to out: inout [UInt8]) {
        appendName(name, to: &out)
        Octets.appendDecimal(value, to: &out)
        Octets.append("\r\n", to: &out)
    }

    /// The blank line after the last header.
    public static func endHead(to out: inout [UInt8]) {
        Octets.append("\r\n", to: &out)
    }

    private static func appendName(_ name: StaticString, to out: inout [UInt8]) {
        let start = out.count
        Octets.append(name, to: &out)
        precondition(out.count > start, "a header name is never empty")
        for index in start..<out.count { precondition(out[index].isTokenCharacter, "a header name is a token") }
        Octets.append(": ", to: &out)
    }

    private static func endLine(from start: Int, to out: inout [UInt8]) {
        for index in start..<out.count where out[index].isForbiddenControl { out[index] = 0x20 }
        Octets.append("\r\n", to: &out)
    }
}
