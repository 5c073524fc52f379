// The store knows nothing of presence: each view it makes says offline. `lastActiveOnline` gives a user's `lastActiveAt`
// (Unix seconds) when they are online, nil when not: then the stored time stands.

extension MessageView {
    public func withPresence(_ lastActiveOnline: (UserID) -> Int64?) -> MessageView {
        let receiver: Party =
            switch receiver {
            case .user(let view): .user(view.withPresence(lastActiveOnline))
            case .group: self.receiver
            }
        return MessageView(
            message: message, sender: sender.withPresence(lastActiveOnline), receiver: receiver,
            on: on?.withPresence(lastActiveOnline), deliveredAt: deliveredAt, readAt: readAt)
    }
}

extension ConversationView {
    public func withPresence(_ lastActiveOnline: (UserID) -> Int64?) -> ConversationView {
        let with: MessageView.Party =
            switch with {
            case .user(let view): .user(view.withPresence(lastActiveOnline))
            case .group: self.with
            }
        return ConversationView(
            conversation: conversation, with: with, lastMessage: lastMessage?.withPresence(lastActiveOnline),
            unreadCount: unreadCount, lastReadMessageID: lastReadMessageID, tags: tags)
    }
}

extension MessageView.Entity {
    fileprivate func withPresence(_ lastActiveOnline: (UserID) -> Int64?) -> Self {
        switch self {
        case .user(let view): .user(view.withPresence(lastActiveOnline))
        case .message(let view): .message(view.withPresence(lastActiveOnline))
        }
    }
}

extension UserView {
    public func withPresence(_ lastActiveOnline: (UserID) -> Int64?) -> UserView {
        let active = lastActiveOnline(record.uid)
        return UserView(record: record, online: active != nil, lastActiveAt: active ?? lastActiveAt)
    }
}

extension ReceiptEvent {
    public func withPresence(_ lastActiveOnline: (UserID) -> Int64?) -> ReceiptEvent {
        ReceiptEvent(
            action: action, conversation: conversation, reader: reader?.withPresence(lastActiveOnline), author: author,
            messageID: messageID, at: at, seq: seq)
    }
}
