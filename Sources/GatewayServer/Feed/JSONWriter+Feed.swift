internal import ChatModel
internal import EventLog
internal import JSONCodec
internal import WireProtocol

/// A line of the feed as JSON (protocol.md §8, `GET events`).
extension JSONWriter {
    /// The whole object. The store knows nothing of presence, so a message's views come with it from the caller.
    mutating func feedLine(_ line: FeedLine) {
        beginObject()
        member("n", line.n)
        member("bootId", line.bootID)
        member("event", FeedEventName(line.event).rawValue)
        if line.seq != 0 { member("seq", line.seq) }
        if line.at != 0 { member("at", line.at) }
        switch line.event {
        case .message(let view):
            key("message")
            message(view)
        case .receipts(let conversation, let mark): receipts(conversation, mark)
        case .group(let change, let guid, let view):
            member("guid", guid.text)
            if case .ownerTransferred(let owner) = change { member("owner", owner.text) }
            if let view, change != .deleted {
                key("group")
                group(view)
            }
        case .block(let uid, let blocked, _):
            member("uid", uid.text)
            member("blockedUid", blocked.text)
        case .reaction(let event): members(of: event)
        case .completion(let event):
            members(of: event)
            member("author", event.author.text)
        case .connection(let event): connection(event)
        }
        endObject()
    }

    private mutating func receipts(_ conversation: Conversation, _ mark: ReceiptMark) {
        let action: ReceiptEvent.Action =
            switch (mark.kind, mark.reader == nil) {
            case (.delivered, false): .delivered
            case (.read, false): .read
            case (.delivered, true): .deliveredToAll
            case (.read, true): .readByAll
            }
        member("action", action.rawValue)
        member("uid", ifPresent: mark.reader?.text)
        member("conversationId", conversation.id)
        key("messageId")
        decimalString(mark.messageID)
    }

    private mutating func connection(_ event: ConnectionEvent) {
        member("uid", event.uid.text)
        switch event.kind {
        case .connected(let session): self.session(session)
        case .disconnected(let session, let code):
            self.session(session)
            member("code", Int64(code))
        case .online, .offline: break
        }
    }

    /// A client that names no device is one by its session.
    private mutating func session(_ session: ConnectionEvent.Session) {
        member("deviceId", session.deviceID ?? session.id.text)
        member("sessionId", session.id.text)
        member("platform", ifPresent: session.platform)
    }
}
