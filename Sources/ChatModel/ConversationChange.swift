/// What a viewer changes in their own side of a conversation. Nobody else sees it, and no event tells of it.
public enum ConversationChange: Sendable, Equatable {
    /// Where their reading stands, below their `read` mark; nil: at the mark again, wherever that moves.
    case readPointer(Int64?)
    /// All up to this position is gone for them, for good.
    case hidden(through: Int64)
    case tags([String])
}
