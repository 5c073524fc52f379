/// How a viewer and a user stand to each other, as the viewer sees it. Never in a frame that several users get.
public struct BlockStanding: Sendable, Hashable {
    /// Nobody has blocked the other.
    public static let clear = BlockStanding(blockedByMe: false, hasBlockedMe: false)

    public var blockedByMe: Bool
    public var hasBlockedMe: Bool

    public init(blockedByMe: Bool, hasBlockedMe: Bool) {
        self.blockedByMe = blockedByMe
        self.hasBlockedMe = hasBlockedMe
    }
}
