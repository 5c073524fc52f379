public import ChatModel
public import JSONCodec

extension JSONWriter {
    /// A Conversation, for its viewer alone. `standing`: of the viewer to the other user.
    public mutating func conversation(_ view: ConversationView, _ standing: BlockStanding?) {
        beginObject()
        member("conversationId", view.conversation.id)
        key("conversationType")
        switch view.with {
        case .user(let with):
            literal("user")
            key("conversationWith")
            user(with, .record, standing)
        case .group(let with):
            literal("group")
            key("conversationWith")
            group(with, showsViewer: true)
        }
        if let last = view.lastMessage {
            key("lastMessage")
            message(last)
        }
        member("unreadMessageCount", Int64(view.unreadCount))
        if let read = view.lastReadMessageID {
            key("lastReadMessageId")
            decimalString(read)
        }
        member("tags", ifAny: view.tags)
        endObject()
    }

    /// `{"entityType","entityId","count"}`.
    public mutating func unreadCount(_ unread: UnreadCount) {
        beginObject()
        key("entityType")
        switch unread.with {
        case .user(let uid):
            literal("user")
            member("entityId", uid.text)
        case .group(let guid):
            literal("group")
            member("entityId", guid.text)
        }
        member("count", Int64(unread.count))
        endObject()
    }
}
