import ChatModel

/// How far every member of one group has come, and the two lowest of them, per kind. Slots are the `MemberTable`'s.
///
/// "All have it" for an author is the lowest mark among the others: the lowest of all, or the second lowest when the
/// author is the one who holds the lowest. So one heap per kind answers for every author, in O(log n) per change.
struct ReceiptBoard {
    /// The two lowest marks of one kind.
    struct Floor: Equatable {
        let lowest: Int64
        /// Handle of who holds it.
        let holder: Int32
        /// nil: there is only one member.
        let second: Int64?

        /// What everyone but `author` has; nil when there is nobody else.
        func without(_ author: Int32) -> Int64? {
            author == holder ? second : lowest
        }
    }

    private var delivered: IndexedHeap
    private var read: IndexedHeap

    /// Marks by slot.
    init(delivered: [Int64], read: [Int64]) {
        precondition(delivered.count == read.count, "one mark of each kind per member")
        self.delivered = IndexedHeap(keys: delivered)
        self.read = IndexedHeap(keys: read)
    }

    /// Everybody at the position of their joining.
    init(_ members: MemberTable) {
        let marks = members.members.map(\.joinedSeq)
        self.init(delivered: marks, read: marks)
    }

    var count: Int { delivered.count }

    func mark(_ kind: ReceiptKind, slot: Int32) -> Int64 {
        switch kind {
        case .delivered: delivered.keys[Int(slot)]
        case .read: read.keys[Int(slot)]
        }
    }

    func floor(_ kind: ReceiptKind, _ members: MemberTable) -> Floor? {
        switch kind {
        case .delivered: Self.floor(delivered, members)
        case .read: Self.floor(read, members)
        }
    }

    mutating func raise(_ kind: ReceiptKind, slot: Int32, to mark: Int64) {
        switch kind {
        case .delivered: delivered.update(slot, key: mark)
        case .read: read.update(slot, key: mark)
        }
    }

    /// A new member in the next slot.
    mutating func append(mark: Int64) {
        let slot = Int32(delivered.count)
        delivered.insert(slot, key: mark)
        read.insert(slot, key: mark)
    }

    /// Follows `MemberTable.remove(slot:)`.
    mutating func remove(slot: Int32) {
        delivered.removeSwappingLast(slot)
        read.removeSwappingLast(slot)
    }

    private static func floor(_ heap: IndexedHeap, _ members: MemberTable) -> Floor? {
        guard let slot = heap.lowestSlot else { return nil }
        return Floor(
            lowest: heap.keys[Int(slot)], holder: members.members[Int(slot)].handle, second: heap.secondKey)
    }
}
