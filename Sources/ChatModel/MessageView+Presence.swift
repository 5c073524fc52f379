extension MessageView {
    /// The same view with `online` of each entity as `isOnline` says: the store knows nothing of presence.
    public func withPresence(_ isOnline: (UserID) -> Bool) -> MessageView {
        let receiver: Party =
            switch receiver {
            case .user(let view): .user(view.withPresence(isOnline))
            case .group: self.receiver
            }
        return MessageView(
            message: message, sender: sender.withPresence(isOnline), receiver: receiver,
            on: on?.withPresence(isOnline), deliveredAt: deliveredAt, readAt: readAt)
    }
}

extension UserView {
    public func withPresence(_ isOnline: (UserID) -> Bool) -> UserView {
        UserView(record: record, online: isOnline(record.uid), lastActiveAt: lastActiveAt)
    }
}

extension ReceiptEvent {
    public func withPresence(_ isOnline: (UserID) -> Bool) -> ReceiptEvent {
        ReceiptEvent(
            action: action, conversation: conversation, reader: reader?.withPresence(isOnline), author: author,
            messageID: messageID, at: at, seq: seq)
    }
}
