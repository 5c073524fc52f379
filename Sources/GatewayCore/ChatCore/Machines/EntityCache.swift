/// The order in which cached entities were used, what they cost, and which are pinned by decisions in flight.
///
/// | entity                                        | may be evicted                               |
/// |-----------------------------------------------|----------------------------------------------|
/// | touched by a decision that is not committed   | no: the store does not know it yet           |
/// | touched by one committed after a load began   | no: that load may have read the time before  |
/// | else                                          | when it is the longest unused and over budget |
struct EntityCache<Entity> {
    private static var end: Int32 { -1 }
    /// Pinned entities met at the old end in one eviction step; they are put to the new end.
    private static var skipsMax: Int { 16 }

    private struct Node {
        var entity: Entity?
        /// Towards the most recently used.
        var newer: Int32
        var older: Int32
        var cost: Int32
        var pinnedThrough: UInt64
    }

    private var nodes: [Node] = []
    private var free: [Int32] = []
    private var newest = EntityCache.end
    private var oldest = EntityCache.end
    private(set) var costTotal = 0
    private(set) var count = 0

    /// A place for an entity that is about to be made with it; `fill` completes it.
    mutating func reserveSlot() -> Int32 {
        let node = Node(entity: nil, newer: Self.end, older: Self.end, cost: 0, pinnedThrough: 0)
        if let slot = free.popLast() {
            nodes[Int(slot)] = node
            return slot
        }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    mutating func fill(_ slot: Int32, _ entity: Entity, cost: Int) {
        precondition(nodes[Int(slot)].entity == nil, "the place is taken")
        nodes[Int(slot)].entity = entity
        nodes[Int(slot)].cost = Int32(clamping: cost)
        costTotal += Int(nodes[Int(slot)].cost)
        count += 1
        linkNewest(slot)
    }

    /// It was used: it becomes the last to be evicted.
    mutating func use(_ slot: Int32) {
        guard newest != slot else { return }
        unlink(slot)
        linkNewest(slot)
    }

    /// Decision `number` changes it.
    mutating func pin(_ slot: Int32, through number: UInt64, cost: Int) {
        let index = Int(slot)
        nodes[index].pinnedThrough = max(nodes[index].pinnedThrough, number)
        costTotal += Int(Int32(clamping: cost)) - Int(nodes[index].cost)
        nodes[index].cost = Int32(clamping: cost)
    }

    mutating func remove(_ slot: Int32) {
        unlink(slot)
        costTotal -= Int(nodes[Int(slot)].cost)
        count -= 1
        nodes[Int(slot)].entity = nil
        free.append(slot)
    }

    /// The longest unused entity that may go: pinned through no more than `horizon` and not refused by `isHeld`.
    /// nil: none of the oldest may. The caller removes it.
    mutating func candidate(horizon: UInt64, isHeld: (Entity) -> Bool) -> Entity? {
        for _ in 0..<Self.skipsMax {
            guard oldest != Self.end, let entity = nodes[Int(oldest)].entity else { return nil }
            if nodes[Int(oldest)].pinnedThrough <= horizon, !isHeld(entity) { return entity }
            use(oldest)
        }
        return nil
    }

    private mutating func unlink(_ slot: Int32) {
        let node = nodes[Int(slot)]
        if node.newer == Self.end { newest = node.older } else { nodes[Int(node.newer)].older = node.older }
        if node.older == Self.end { oldest = node.newer } else { nodes[Int(node.older)].newer = node.newer }
    }

    private mutating func linkNewest(_ slot: Int32) {
        nodes[Int(slot)].older = newest
        nodes[Int(slot)].newer = Self.end
        if newest != Self.end { nodes[Int(newest)].newer = slot }
        newest = slot
        if oldest == Self.end { oldest = slot }
    }
}
