public import ChatModel
internal import JSONCodec

/// The bodies of `POST calls` and `PUT calls/{sessionid}`. Values.
public enum CallBody {
    /// What a client may set a call's status to. `joinedAt`, which SDKs send along, is the gateway's own to say.
    public enum Update: String, Sendable, CaseIterable {
        case ongoing, rejected, cancelled, busy, unanswered, ended
    }

    /// `session`: the name for a call that comes of it.
    public static func decodeStart(
        _ body: [UInt8], session: CallSessionID, limits: Limits
    ) throws(APIFailure) -> CallDraft {
        var found = (receiver: Field?.none, receiverType: Field?.none, type: Field?.none, muid: Field?.none)
        var metadata: Field?
        var data: Field?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            switch reader.decode(key) {
            case "receiver": found.receiver = member
            case "receiverType": found.receiverType = member
            case "type": found.type = member
            case "muid": found.muid = member
            case "metadata": metadata = member
            case "data": data = member
            default: break
            }
        } finish: { (reader) throws(APIFailure) in
            let receiver = try reader.receiver(found.receiver, type: found.receiverType)
            guard let type = try reader.word(found.type, "type", CallType.self, code: .invalidMessageType) else {
                throw APIFailure(.invalidMessageType, "type is required")
            }
            var draft = CallDraft(session: session, receiver: receiver, type: type)
            let muid = try reader.string(found.muid, "muid", bytesMax: limits.muidBytes)
            draft.muid = muid == "" ? nil : muid
            if metadata == nil, let data, data.kind == .object {
                try reader.eachMember(of: data) { (reader, key, member) throws(APIFailure) in
                    if reader.matches(key, "metadata") { metadata = member }
                }
            }
            draft.metadata = try reader.object(
                metadata, "metadata", bytesMax: limits.dataBytes, code: .invalidMetadata)
            return draft
        }
    }

    public static func decodeUpdate(_ body: [UInt8], limits: Limits) throws(APIFailure) -> Update {
        var status: Field?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "status") { status = member }
        } finish: { (reader) throws(APIFailure) in
            guard let word = try reader.word(status, "status", StatusWord.self) else {
                throw APIFailure(.badRequest, "status is required")
            }
            return word.update
        }
    }
}

/// Some clients spell `cancelled` with one l.
private enum StatusWord: String, CaseIterable {
    case ongoing, rejected, cancelled, canceled, busy, unanswered, ended

    var update: CallBody.Update {
        switch self {
        case .ongoing: .ongoing
        case .rejected: .rejected
        case .cancelled, .canceled: .cancelled
        case .busy: .busy
        case .unanswered: .unanswered
        case .ended: .ended
        }
    }
}
