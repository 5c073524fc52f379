/// One user kept out of one group. It lasts until it is taken back, or the group or the user is deleted.
public struct Ban: Sendable, Equatable {
    public let guid: GroupID
    public let uid: UserID
    /// The scope that the user had; nil: they were no member.
    public let scope: MemberScope?
    /// Unix seconds.
    public let bannedAt: Int64
    /// Log position of the ban.
    public let seq: Int64

    public init(guid: GroupID, uid: UserID, scope: MemberScope?, bannedAt: Int64, seq: Int64) {
        self.guid = guid
        self.uid = uid
        self.scope = scope
        self.bannedAt = bannedAt
        self.seq = seq
    }
}
