internal import JSONCodec

/// A text message's own members, the same on every way in (protocol.md 3.7, 7, 8).
enum MessageMembers {
    static func append(_ text: [UInt8], to writer: inout JSONWriter) {
        writer.key("category")
        writer.literal("message")
        writer.key("type")
        writer.literal("text")
        writer.key("data")
        writer.beginObject()
        writer.key("text")
        // Marks and filling need no escaping.
        writer.raw([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
        writer.endObject()
    }
}
