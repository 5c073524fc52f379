internal import ChatModel
internal import JSONCodec

/// What typing and transient events carry, by socket or REST; `user` in it is ignored, the gateway knows its own.
struct PublishMembers {
    var receiver: Field?
    var receiverType: Field?
    private var action: Field?
    private var metadata: Field?
    private var data: Field?

    mutating func read(_ reader: inout JSONReader, _ body: Field) throws(APIFailure) {
        var found = PublishMembers()
        try reader.eachMember(of: body) { (reader, key, member) throws(APIFailure) in
            found.take(key, member, from: reader)
        }
        self = found
    }

    mutating func take(_ key: JSONText, _ member: Field, from reader: borrowing JSONReader) {
        if reader.matches(key, "action") {
            action = member
        } else if reader.matches(key, "metadata") {
            metadata = member
        } else if reader.matches(key, "data") {
            data = member
        } else if reader.matches(key, "receiver") {
            receiver = member
        } else if reader.matches(key, "receiverType") {
            receiverType = member
        }
    }

    func typing(
        _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) -> (started: Bool, metadata: JSONBytes?) {
        guard let word = try reader.word(action, FieldName(path, "action"), TypingWord.self) else {
            throw APIFailure(.badRequest, "\(path)action is required")
        }
        let metadata = try reader.object(
            metadata, FieldName(path, "metadata"), bytesMax: limits.dataBytes, code: .invalidMetadata)
        return (word == .started, metadata)
    }

    /// Any JSON value but null.
    func transient(
        _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) -> JSONBytes {
        guard let data, data.kind != .null else {
            throw APIFailure(.badRequest, "\(path)data is required")
        }
        guard !Limits.exceeds(data.range.count, limits.dataBytes) else {
            throw APIFailure(.badRequest, "\(path)data is longer than \(limits.dataBytes) bytes", status: 413)
        }
        return JSONBytes(validated: reader.copy(data.range))
    }
}

private enum TypingWord: String, CaseIterable {
    case started, ended
}
