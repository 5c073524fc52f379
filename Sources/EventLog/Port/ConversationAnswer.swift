public import ChatModel

/// One conversation of a viewer's, or why they have none.
public enum ConversationAnswer: Sendable {
    /// Also before the first message.
    case conversation(ConversationView)
    /// There is no such user, nor a message of theirs with the viewer.
    case unknownUser
    case unknownGroup
    /// Its type is told because a private group does not exist for who is no member.
    case notAMember(GroupType)
}
