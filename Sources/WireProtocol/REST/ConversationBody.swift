internal import JSONCodec

/// The bodies of the routes on a conversation of one's own. Value.
public enum ConversationBody {
    /// `PUT users/{uid}/conversation`, `PUT groups/{guid}/conversation`: `tags`, each once; an empty list takes all away.
    public static func decodeTags(_ body: [UInt8], limits: Limits) throws(APIFailure) -> [String] {
        var tags: [String]?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "tags") { tags = try reader.tags(member, "tags", limits) }
        } finish: { _ throws(APIFailure) in
            guard let tags else { throw APIFailure(.badRequest, "tags is required") }
            var seen: Set<String> = []
            return tags.filter { seen.insert($0).inserted }
        }
    }

    /// `DELETE …/conversation/read`: `messageId`, a number or a decimal string.
    public static func decodeMarkUnread(_ body: [UInt8]) throws(APIFailure) -> Int64 {
        var id: Int64?
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "messageId") { id = try reader.position(member, "messageId") }
        } finish: { _ throws(APIFailure) in
            guard let id, id > 0 else { throw APIFailure(.badRequest, "messageId is required") }
            return id
        }
    }
}
