internal import JSONCodec
internal import WireProtocol

/// One line of a bulk answer.
enum BulkResult {
    /// `write` writes the members of the line's object.
    static func line(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        write(&writer)
        writer.endObject()
        var line = writer.take()
        line.append(UInt8(ascii: "\n"))
        return line
    }
}
