internal import ChatModel
internal import JSONCodec

/// What a person would look for in a message: its text or caption, and the names of its files. Of `message`s only; what a
/// custom message holds is for programs.
enum SearchText {
    /// The words of a message's `data`, doubles included.
    static func words(of data: [UInt8]) -> [String] {
        var words: [String] = []
        forEachText(of: data) { text in WordSplitter.split(text) { words.append($0) } }
        return words
    }

    private static func forEachText(of data: [UInt8], _ body: (String) -> Void) {
        // What is stored was checked when it came; a text that is none has no words.
        try? JSONReader.read(data, depthMax: 64) { (reader: inout JSONReader) throws(JSONError) in
            try reader.enterObject()
            while let key = try reader.nextKey() {
                if reader.matches(key, "text") || reader.matches(key, "caption") {
                    try text(&reader, body)
                } else if reader.matches(key, "attachments"), try reader.kind() == .array {
                    try reader.enterArray()
                    while try reader.nextElement() { try name(ofAttachment: &reader, body) }
                } else {
                    _ = try reader.skip()
                }
            }
        }
    }

    private static func name(ofAttachment reader: inout JSONReader, _ body: (String) -> Void) throws(JSONError) {
        guard try reader.kind() == .object else {
            _ = try reader.skip()
            return
        }
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if reader.matches(key, "name") { try text(&reader, body) } else { _ = try reader.skip() }
        }
    }

    private static func text(_ reader: inout JSONReader, _ body: (String) -> Void) throws(JSONError) {
        guard try reader.kind() == .string else {
            _ = try reader.skip()
            return
        }
        body(reader.decode(try reader.text()))
    }
}
