internal import ChatModel
internal import JSONCodec

extension JSONWriter {
    /// The `entities.on.entity` of a call message: the call as it stood with this message. SDKs find who called whom in
    /// its `data`.
    mutating func call(_ view: CallView, of message: MessageRecord) {
        let (action, facts) = (view.action, view.action.call)
        beginObject()
        member("sessionid", facts.session.text)
        member("conversationId", facts.conversation.id)
        member("sender", facts.initiator.text)
        members(facts.receiver)
        member("status", action.event.status.rawValue)
        member("type", facts.type.rawValue)
        member("initiatedAt", facts.initiatedAt)
        member("joinedAt", ifPresent: action.joinedAt)
        if action.event == .left { member("leftAt", message.sentAt) }
        if action.isFinal { member("endedAt", message.sentAt) }
        key("data")
        beginObject()
        key("entities")
        beginObject()
        entity("sender", .user(view.initiator))
        entity("receiver", view.receiver)
        endObject()
        member("metadata", ifPresent: facts.metadata)
        endObject()
        endObject()
    }
}
