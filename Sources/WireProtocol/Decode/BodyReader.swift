internal import ChatModel
internal import JSONCodec

/// Reads a REST body: one JSON object, all of it checked, its members handed out.
enum BodyReader {
    /// `finish` runs after the last member, and may look into the fields that were kept.
    static func read<Result>(
        _ bytes: [UInt8], emptyIsObject: Bool = false,
        member: (inout JSONReader, JSONText, Field) throws(APIFailure) -> Void,
        finish: (inout JSONReader) throws(APIFailure) -> Result
    ) throws(APIFailure) -> Result {
        if emptyIsObject && bytes.isEmpty { return try read(Array("{}".utf8), member: member, finish: finish) }
        return try JSONReader.read(bytes) { (reader: inout JSONReader) throws(APIFailure) in
            let root: Field
            do throws(JSONError) {
                root = try reader.field()
                try reader.finish()
            } catch { throw JSONReader.malformed(error) }
            guard root.kind == .object else { throw APIFailure(.badRequest, "the body must be a JSON object") }
            try reader.eachMember(of: root, member)
            return try finish(&reader)
        }
    }
}
