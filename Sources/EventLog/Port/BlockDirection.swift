/// Which side of a block a list of blocked users is about.
public enum BlockDirection: String, Sendable, CaseIterable {
    /// Whom the viewer has blocked.
    case blockedByMe
    /// Who has blocked the viewer.
    case hasBlockedMe
    case both
}
