public import ChatModel
internal import JSONCodec

/// The backend's ephemeral publishes: `POST typing` and `POST transient`. Values.
public enum PublishBody {
    public struct Typing: Sendable {
        public var receiver: Receiver
        public var started: Bool
        public var metadata: JSONBytes?
    }

    public struct Transient: Sendable {
        public var receiver: Receiver
        public var data: JSONBytes
    }

    public static func decodeTyping(_ body: [UInt8], limits: Limits) throws(APIFailure) -> Typing {
        try decode(body) { (reader, members) throws(APIFailure) in
            let receiver = try reader.receiver(members.receiver, type: members.receiverType)
            let typing = try members.typing(&reader, "", limits)
            return Typing(receiver: receiver, started: typing.started, metadata: typing.metadata)
        }
    }

    public static func decodeTransient(_ body: [UInt8], limits: Limits) throws(APIFailure) -> Transient {
        try decode(body) { (reader, members) throws(APIFailure) in
            let receiver = try reader.receiver(members.receiver, type: members.receiverType)
            return Transient(receiver: receiver, data: try members.transient(&reader, "", limits))
        }
    }

    private static func decode<Result>(
        _ body: [UInt8], _ finish: (inout JSONReader, PublishMembers) throws(APIFailure) -> Result
    ) throws(APIFailure) -> Result {
        var members = PublishMembers()
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            members.take(key, member, from: reader)
        } finish: { (reader) throws(APIFailure) in
            try finish(&reader, members)
        }
    }
}
