/// What changes a message after it was sent. Value.
public struct MessageEdit: Sendable, Equatable {
    /// The whole new body; see `MessageRecord.data`.
    public var data: JSONBytes
    public var tags: [String]
    /// Also those who do not exist.
    public var mentions: [UserID]

    public init(data: JSONBytes, tags: [String], mentions: [UserID] = []) {
        self.data = data
        self.tags = tags
        self.mentions = mentions
    }
}

extension MessageRecord {
    /// The message as the edit leaves it; `mentions`: those of the edit's who exist.
    public func edited(_ edit: MessageEdit, mentions: [UserID], _ stamp: MessageStamp) -> MessageRecord {
        MessageRecord(
            id: id, muid: muid, sender: sender, receiver: receiver, category: category, type: type, data: edit.data,
            tags: edit.tags, parentID: parentID, sentAt: sentAt, originSession: originSession, subject: subject,
            edit: stamp, deletion: deletion, mentions: mentions, replyCount: replyCount, reactions: reactions)
    }

    /// What is left of the message: nothing that somebody wrote. It keeps its place, its muid and its replies.
    public func deleted(_ stamp: MessageStamp) -> MessageRecord {
        MessageRecord(
            id: id, muid: muid, sender: sender, receiver: receiver, category: category, type: type, data: .emptyObject,
            parentID: parentID, sentAt: sentAt, originSession: originSession, subject: subject, edit: edit,
            deletion: stamp, replyCount: replyCount)
    }

    public func with(replyCount: Int) -> MessageRecord { counting(replyCount, reactions) }

    public func with(reactions: [ReactionCount]) -> MessageRecord { counting(replyCount, reactions) }

    private func counting(_ replyCount: Int, _ reactions: [ReactionCount]) -> MessageRecord {
        MessageRecord(
            id: id, muid: muid, sender: sender, receiver: receiver, category: category, type: type, data: data,
            tags: tags, parentID: parentID, sentAt: sentAt, originSession: originSession, subject: subject, edit: edit,
            deletion: deletion, mentions: mentions, replyCount: replyCount, reactions: reactions)
    }
}

extension JSONBytes {
    /// `{}`.
    public static let emptyObject = JSONBytes(validated: [UInt8(ascii: "{"), UInt8(ascii: "}")])
}
