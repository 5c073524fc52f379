import ChatModel

/// The members of one group: 16 bytes each and an index by handle. Slots are dense; a removal moves the last slot.
struct MemberTable {
    struct Member {
        /// Log position of the join.
        let joinedSeq: Int64
        /// Unix seconds; good until 2106.
        private let joinedSeconds: UInt32
        /// The user's handle, and the scope in the two highest bits.
        private let packed: UInt32

        init(handle: Int32, scope: MemberScope, joinedAt: Int64, joinedSeq: Int64) {
            precondition(handle >= 0 && handle < 1 << 30, "handles are small")
            self.joinedSeq = joinedSeq
            joinedSeconds = UInt32(clamping: joinedAt)
            let rank: UInt32 =
                switch scope {
                case .participant: 0
                case .moderator: 1
                case .admin: 2
                }
            packed = UInt32(handle) | rank << 30
        }

        var handle: Int32 { Int32(packed & 0x3FFF_FFFF) }
        var joinedAt: Int64 { Int64(joinedSeconds) }
        var scope: MemberScope {
            switch packed >> 30 {
            case 0: .participant
            case 1: .moderator
            default: .admin
            }
        }
    }

    private(set) var members: [Member] = []
    /// Open addressing with linear probing; a slot number + 1, or 0 for empty. A power of two, at most 3/4 full.
    private var index: [Int32] = []

    var count: Int { members.count }

    init() {}

    mutating func reserve(_ capacity: Int) {
        members.reserveCapacity(capacity)
        rebuild(Self.indexSize(for: capacity))
    }

    func slot(of handle: Int32) -> Int32? {
        guard !index.isEmpty else { return nil }
        let mask = index.count - 1
        var place = Self.hash(handle) & mask
        while index[place] != 0 {
            let slot = index[place] - 1
            if members[Int(slot)].handle == handle { return slot }
            place = (place + 1) & mask
        }
        return nil
    }

    func member(_ handle: Int32) -> Member? {
        slot(of: handle).map { members[Int($0)] }
    }

    /// Adds one who is not in the table, at slot `count`.
    mutating func append(_ member: Member) {
        members.append(member)
        if members.count * 4 > index.count * 3 {
            rebuild(Self.indexSize(for: members.count))
        } else {
            enter(Int32(members.count - 1))
        }
    }

    /// Returns the scope before.
    mutating func setScope(_ scope: MemberScope, slot: Int32) -> MemberScope {
        let member = members[Int(slot)]
        members[Int(slot)] = Member(
            handle: member.handle, scope: scope, joinedAt: member.joinedAt, joinedSeq: member.joinedSeq)
        return member.scope
    }

    /// Removes the slot; the last slot takes its number.
    mutating func remove(slot: Int32) {
        erase(members[Int(slot)].handle)
        let last = Int32(members.count - 1)
        if slot != last {
            let moved = members[Int(last)]
            members[Int(slot)] = moved
            index[place(of: moved.handle)] = slot + 1
        }
        members.removeLast()
    }

    private static func indexSize(for count: Int) -> Int {
        var size = 4
        while count * 4 > size * 3 { size *= 2 }
        return size
    }

    /// Fibonacci hashing: neighbouring handles spread over the table.
    private static func hash(_ handle: Int32) -> Int {
        Int(truncatingIfNeeded: (UInt64(UInt32(bitPattern: handle)) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    private mutating func rebuild(_ size: Int) {
        index = [Int32](repeating: 0, count: size)
        for slot in members.indices { enter(Int32(slot)) }
    }

    private mutating func enter(_ slot: Int32) {
        let mask = index.count - 1
        var place = Self.hash(members[Int(slot)].handle) & mask
        while index[place] != 0 { place = (place + 1) & mask }
        index[place] = slot + 1
    }

    private func place(of handle: Int32) -> Int {
        let mask = index.count - 1
        var place = Self.hash(handle) & mask
        while index[place] == 0 || members[Int(index[place] - 1)].handle != handle { place = (place + 1) & mask }
        return place
    }

    /// Backward-shift deletion: no tombstones, so probes stay short.
    private mutating func erase(_ handle: Int32) {
        let mask = index.count - 1
        var hole = place(of: handle)
        var next = (hole + 1) & mask
        while index[next] != 0 {
            let home = Self.hash(members[Int(index[next] - 1)].handle) & mask
            if (next - home) & mask >= (next - hole) & mask {
                index[hole] = index[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        index[hole] = 0
    }
}
