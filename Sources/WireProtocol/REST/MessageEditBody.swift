public import ChatModel
internal import JSONCodec

/// The body of `PUT messages/{id}`. Compatible clients send the whole message; what cannot change is compared or ignored.
public enum MessageEditBody {
    /// What the body makes of `message`. The members of its `data` take the place of those of the same name, null takes
    /// one away, the rest stays; tags are replaced as a whole.
    public static func decode(
        _ body: [UInt8], of message: MessageRecord, limits: Limits
    ) throws(APIFailure) -> MessageEdit {
        guard !Limits.exceeds(body.count, limits.messageBytes) else {
            throw APIFailure(.badRequest, "the message is longer than \(limits.messageBytes) bytes", status: 413)
        }
        var members = MessageMembers()
        let (data, tags) = try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            members.take(key, member, from: reader)
        } finish: { (reader) throws(APIFailure) -> (DataMembers, [String]?) in
            try refuseOther(members.category, "category", message.category.rawValue, .invalidMessageCategory, &reader)
            try refuseOther(members.type, "type", message.type, .invalidMessageType, &reader)
            let data = try DataMembers(&reader, data: members.data, metadata: members.metadata)
            return (data, try reader.tags(members.tags, "tags", limits))
        }
        guard !data.isEmpty || tags != nil else {
            throw APIFailure(.invalidMessageData, "data, metadata or tags is required")
        }
        let (checked, mentions) = try check(data.merged(into: message.data), of: message, limits)
        return MessageEdit(data: checked, tags: tags ?? message.tags, mentions: mentions)
    }

    private static func refuseOther(
        _ field: Field?, _ name: FieldName, _ known: String, _ code: ErrorCode, _ reader: inout JSONReader
    ) throws(APIFailure) {
        let text = try reader.string(field, name, bytesMax: 0, code: code)
        guard text == nil || text == known else { throw APIFailure(code, "\(name.text) of a message cannot change") }
    }

    /// Whole, it must be what could have been sent.
    private static func check(
        _ data: [UInt8], of message: MessageRecord, _ limits: Limits
    ) throws(APIFailure) -> (JSONBytes, [UserID]) {
        try JSONReader.read(data) { (reader: inout JSONReader) throws(APIFailure) in
            let root: Field
            do throws(JSONError) { root = try reader.field() } catch { throw JSONReader.malformed(error) }
            let body = try MessageData(&reader, root, "")
            let checked = try body.checked(
                &reader, category: message.category, type: message.type, metadata: nil, limits)
            return (checked, message.category == .message ? body.mentions(&reader, limits) : [])
        }
    }
}
