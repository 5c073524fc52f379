// The store knows nothing of presence: each view it makes says offline. `lastActive` gives what is known beyond it; nil:
// the user is offline, and the stored time stands.

extension MessageView {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> MessageView {
        MessageView(
            message: message, sender: sender.withPresence(lastActive), receiver: receiver.withPresence(lastActive),
            on: on?.withPresence(lastActive), deliveredAt: deliveredAt, readAt: readAt,
            mentions: mentions.map { $0.withPresence(lastActive) }, viewer: viewer)
    }
}

extension ConversationView {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> ConversationView {
        let with: MessageView.Party =
            switch with {
            case .user(let view): .user(view.withPresence(lastActive))
            case .group: self.with
            }
        return ConversationView(
            conversation: conversation, with: with, lastMessage: lastMessage?.withPresence(lastActive),
            unreadCount: unreadCount, lastReadMessageID: lastReadMessageID, tags: tags)
    }
}

extension MessageView.Party {
    fileprivate func withPresence(_ lastActive: (UserID) -> LastActive?) -> Self {
        switch self {
        case .user(let view): .user(view.withPresence(lastActive))
        case .group: self
        }
    }
}

extension MessageView.Entity {
    fileprivate func withPresence(_ lastActive: (UserID) -> LastActive?) -> Self {
        switch self {
        case .user(let view): .user(view.withPresence(lastActive))
        case .message(let view): .message(view.withPresence(lastActive))
        case .call(let view):
            .call(
                CallView(
                    action: view.action, initiator: view.initiator.withPresence(lastActive),
                    receiver: view.receiver.withPresence(lastActive)))
        }
    }
}

extension UserView {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> UserView {
        let known = lastActive(record.uid)
        return UserView(record: record, online: known?.isOnline ?? false, lastActiveAt: known?.at ?? lastActiveAt)
    }
}

extension ReactionEvent {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> ReactionEvent {
        ReactionEvent(
            isAdded: isAdded, reaction: reaction.withPresence(lastActive), seq: seq,
            originSession: originSession)
    }
}

extension Reaction {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> Reaction {
        Reaction(
            id: id, messageID: messageID, conversation: conversation, parentID: parentID, reaction: reaction,
            user: user.withPresence(lastActive), at: at)
    }
}

extension CompletionEvent {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> CompletionEvent {
        CompletionEvent(
            messageID: messageID, conversation: conversation, author: author,
            user: user.withPresence(lastActive), interactions: interactions, seq: seq,
            originSession: originSession)
    }
}

extension ReceiptEvent {
    public func withPresence(_ lastActive: (UserID) -> LastActive?) -> ReceiptEvent {
        ReceiptEvent(
            action: action, conversation: conversation, reader: reader?.withPresence(lastActive), author: author,
            messageID: messageID, at: at, seq: seq)
    }
}
