import ChatModel

/// A cached group with its members and receipts. Confined to the core thread.
final class GroupState {
    let handle: Int32
    let slot: Int32
    /// nil: there is no such group.
    var record: GroupRecord?
    var members = MemberTable()
    /// Who is kept out: always `.banned`.
    var bans: [UserID: GroupStanding] = [:]
    /// nil until the first receipt: everybody stands where they joined.
    var receipts: ReceiptBoard?
    var latest = AuthoredLog(countMax: LoadedConversation.latestMax)
    /// Highest `…ToAll` marks written, so that the stored ones never go back.
    var deliveredToAll: Int64 = 0
    var readByAll: Int64 = 0
    /// By handle, of members who set their reading back: the position they stand at, below their `read` mark.
    var readPointers: [Int32: Int64] = [:]
    /// The last count of members online, until the members change.
    private(set) var online: OnlineCount?

    init(handle: Int32, slot: Int32) {
        self.handle = handle
        self.slot = slot
    }

    var cost: Int {
        512 + members.count * (receipts == nil ? 24 : 56) + bans.count * 64 + latest.ids.count * 24
            + readPointers.count * 32
    }

    /// The marks of one member; where they joined, before any receipt.
    func mark(_ kind: ReceiptKind, slot: Int32) -> Int64 {
        receipts?.mark(kind, slot: slot) ?? members.members[Int(slot)].joinedSeq
    }

    /// How many members are online; of a large group as it was at most `OnlineCount.keptMs` ago.
    func onlineCount(_ presence: PresenceBoard, nowMs: Int64) -> Int {
        if let online, online.holds(presence.version, members: members.count, nowMs: nowMs) { return online.count }
        let fresh = OnlineCount(count: presence.count(among: members), version: presence.version, atMs: nowMs)
        online = fresh
        return fresh.count
    }

    func append(_ member: MemberTable.Member) {
        members.append(member)
        online = nil
        receipts?.append(mark: member.joinedSeq)
    }

    func remove(slot: Int32) {
        if !readPointers.isEmpty { readPointers[members.members[Int(slot)].handle] = nil }
        members.remove(slot: slot)
        online = nil
        receipts?.remove(slot: slot)
    }

    /// Forgets everything: the group was deleted, or starts anew.
    func clear() {
        record = nil
        members = MemberTable()
        online = nil
        bans = [:]
        receipts = nil
        latest = AuthoredLog(countMax: LoadedConversation.latestMax)
        deliveredToAll = 0
        readByAll = 0
        readPointers = [:]
    }
}
