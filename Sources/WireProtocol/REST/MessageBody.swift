public import ChatModel
internal import JSONCodec

/// The JSON body of `POST messages`, and one line of `POST messages/bulk`. Value.
public struct MessageBody: Sendable {
    /// A bulk line's own sender; nil when absent, or where it is not read.
    public var sender: UserID?
    public var draft: MessageDraft

    /// `readsSender`: the `sender` in the body counts (bulk); elsewhere it is ignored like any unknown key. `uploads`: files
    /// that came with it.
    public static func decode(
        _ body: [UInt8], limits: Limits, readsSender: Bool = false, uploads: [Attachment] = []
    ) throws(APIFailure) -> MessageBody {
        guard !Limits.exceeds(body.count, limits.messageBytes) else {
            throw APIFailure(.badRequest, "the message is longer than \(limits.messageBytes) bytes", status: 413)
        }
        var members = MessageMembers()
        members.uploads = uploads
        var sender: Field?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "receiver") {
                members.receiver = member
            } else if reader.matches(key, "receiverType") {
                members.receiverType = member
            } else if reader.matches(key, "sender") {
                sender = member
            } else {
                members.take(key, member, from: reader)
            }
        } finish: { (reader) throws(APIFailure) in
            let uid = readsSender ? try reader.uid(sender, "sender") : nil
            return MessageBody(sender: uid, draft: try members.draft(&reader, limits))
        }
    }

    /// A reply, the body of `POST messages/{id}/thread`: receiver and parent are those of the thread, whatever it says.
    public static func decodeReply(
        _ body: [UInt8], to parent: Int64, receiver: Receiver, limits: Limits, uploads: [Attachment] = []
    ) throws(APIFailure) -> MessageDraft {
        guard !Limits.exceeds(body.count, limits.messageBytes) else {
            throw APIFailure(.badRequest, "the message is longer than \(limits.messageBytes) bytes", status: 413)
        }
        var members = MessageMembers()
        members.uploads = uploads
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            members.take(key, member, from: reader)
        } finish: { (reader) throws(APIFailure) in
            members.parentID = nil
            var draft = try members.draft(&reader, limits, receiver: receiver)
            draft.parentID = parent
            return draft
        }
    }

    /// The `muid` of a body that was refused, as far as it can be read: a refused bulk line is answered with it.
    public static func muid(of body: [UInt8], limits: Limits) -> String? {
        var members = MessageMembers()
        return try? BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            members.take(key, member, from: reader)
        } finish: { (reader) throws(APIFailure) in
            try members.readMuid(&reader, limits)
        }
    }
}
