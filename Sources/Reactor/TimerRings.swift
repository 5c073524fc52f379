/// The structure behind `TimerWheel`: entries linked in rings, a ring per slot.
///
/// Eleven levels of 64 slots cover all 64 bits of a deadline. A timer lies on the level of the highest 6-bit digit in
/// which its deadline differs from the wheel's time, in the slot of that digit; when the time reaches the slot, its
/// timers move to lower levels, on the lowest they are due. So level by level:
///
///     level 0    next 64 ms, a slot per ms       all earlier than those of
///     level 1    next 4 s, a slot per 64 ms      all earlier than those of
///     level 2    next 4 min, a slot per 4 s      …
///
/// and the next thing to happen is in the first occupied slot of the lowest occupied level: two bit scans. Entries are
/// records in one array, linked by index; a free list reuses them, so arming allocates only when more timers are armed
/// than ever before.
struct TimerRings {
    private static let levels = 11
    private static let slots = 64
    /// The ring of timers that are due and not yet taken.
    private static let dueRing = UInt16(levels * slots)
    /// The `ring` of an entry that is free.
    private static let noRing = UInt16.max
    private static let nobody: Int32 = -1

    private struct Entry {
        var deadline: UInt64
        var owner: UInt64
        var next: Int32
        var previous: Int32
        var generation: UInt32
        var ring: UInt16
        var kind: UInt8
    }

    private var entries: [Entry] = []
    private var freeHead = TimerRings.nobody
    private var heads = [Int32](repeating: TimerRings.nobody, count: TimerRings.levels * TimerRings.slots + 1)
    private var occupiedSlots = [UInt64](repeating: 0, count: TimerRings.levels)
    private var occupiedLevels: UInt16 = 0
    /// The wheel's time: everything at or before it is due.
    private var elapsed: UInt64

    /// Timers armed, those due but not taken included.
    private(set) var count = 0

    init(startingAt now: UInt64) {
        elapsed = now
    }

    mutating func arm(at deadline: UInt64, owner: UInt64, kind: UInt8) -> TimerID {
        let index = takeFree()
        entries[Int(index)].owner = owner
        entries[Int(index)].kind = kind
        place(index, deadline: deadline)
        count += 1
        return TimerID(index: UInt32(index), generation: entries[Int(index)].generation)
    }

    mutating func rearm(_ id: TimerID, at deadline: UInt64) -> Bool {
        guard let index = find(id) else { return false }
        unlink(index)
        place(index, deadline: deadline)
        return true
    }

    mutating func cancel(_ id: TimerID) -> Bool {
        guard let index = find(id) else { return false }
        unlink(index)
        release(index)
        return true
    }

    var nextWake: UInt64? {
        if heads[Int(Self.dueRing)] != Self.nobody { return elapsed }
        return nextSlot()?.start
    }

    mutating func popDue(at now: UInt64) -> FiredTimer? {
        if heads[Int(Self.dueRing)] == Self.nobody { advance(to: now) }
        let index = heads[Int(Self.dueRing)]
        if index == Self.nobody { return nil }
        let entry = entries[Int(index)]
        unlink(index)
        release(index)
        return FiredTimer(
            id: TimerID(index: UInt32(index), generation: entry.generation), owner: entry.owner, kind: entry.kind)
    }

    private mutating func advance(to now: UInt64) {
        while let slot = nextSlot(), slot.start <= now {
            elapsed = slot.start
            while heads[Int(slot.ring)] != Self.nobody {
                let index = heads[Int(slot.ring)]
                unlink(index)
                let deadline = entries[Int(index)].deadline
                link(index, ring: deadline <= elapsed ? Self.dueRing : ring(for: deadline))
            }
        }
        elapsed = max(elapsed, now)
    }

    /// The first occupied slot of the lowest occupied level and the time at which it begins. Occupied slots always lie
    /// ahead of the wheel's time within its block, so the lowest bit is the next.
    private func nextSlot() -> (ring: UInt16, start: UInt64)? {
        if occupiedLevels == 0 { return nil }
        let level = occupiedLevels.trailingZeroBitCount
        let slot = occupiedSlots[level].trailingZeroBitCount
        let shift = UInt64(6 * level)
        let block = (elapsed >> (shift + 6)) << (shift + 6)
        return (UInt16(level * Self.slots + slot), block | UInt64(slot) << shift)
    }

    private func ring(for deadline: UInt64) -> UInt16 {
        let level = (63 - (deadline ^ elapsed).leadingZeroBitCount) / 6
        let slot = Int(truncatingIfNeeded: deadline >> UInt64(6 * level)) & (Self.slots - 1)
        return UInt16(level * Self.slots + slot)
    }

    private mutating func place(_ index: Int32, deadline: UInt64) {
        let deadline = max(deadline, elapsed + 1)
        entries[Int(index)].deadline = deadline
        link(index, ring: ring(for: deadline))
    }

    /// Appends to a ring: the head's previous is the tail.
    private mutating func link(_ index: Int32, ring: UInt16) {
        let head = heads[Int(ring)]
        entries[Int(index)].ring = ring
        if head == Self.nobody {
            entries[Int(index)].next = index
            entries[Int(index)].previous = index
            heads[Int(ring)] = index
            if ring != Self.dueRing { mark(ring, occupied: true) }
        } else {
            let tail = entries[Int(head)].previous
            entries[Int(index)].next = head
            entries[Int(index)].previous = tail
            entries[Int(tail)].next = index
            entries[Int(head)].previous = index
        }
    }

    private mutating func unlink(_ index: Int32) {
        let entry = entries[Int(index)]
        if entry.next == index {
            heads[Int(entry.ring)] = Self.nobody
            if entry.ring != Self.dueRing { mark(entry.ring, occupied: false) }
        } else {
            entries[Int(entry.previous)].next = entry.next
            entries[Int(entry.next)].previous = entry.previous
            if heads[Int(entry.ring)] == index { heads[Int(entry.ring)] = entry.next }
        }
    }

    private mutating func mark(_ ring: UInt16, occupied: Bool) {
        let (level, slot) = Int(ring).quotientAndRemainder(dividingBy: Self.slots)
        if occupied {
            occupiedSlots[level] |= 1 << UInt64(slot)
            occupiedLevels |= 1 << UInt16(level)
        } else {
            occupiedSlots[level] &= ~(1 << UInt64(slot))
            if occupiedSlots[level] == 0 { occupiedLevels &= ~(1 << UInt16(level)) }
        }
    }

    private mutating func takeFree() -> Int32 {
        if freeHead != Self.nobody {
            let index = freeHead
            freeHead = entries[Int(index)].next
            return index
        }
        entries.append(
            Entry(
                deadline: 0, owner: 0, next: Self.nobody, previous: Self.nobody, generation: 1, ring: Self.noRing,
                kind: 0))
        return Int32(entries.count - 1)
    }

    private mutating func release(_ index: Int32) {
        entries[Int(index)].ring = Self.noRing
        // Generation 0 is `TimerID.none`'s.
        entries[Int(index)].generation = max(entries[Int(index)].generation &+ 1, 1)
        entries[Int(index)].next = freeHead
        freeHead = index
        count -= 1
    }

    func find(_ id: TimerID) -> Int32? {
        guard id.index < entries.count, id.generation != 0 else { return nil }
        let entry = entries[Int(id.index)]
        return entry.generation == id.generation && entry.ring != Self.noRing ? Int32(id.index) : nil
    }

    /// Checks every link, bit and count. The broken rule, or nil.
    func selfCheck() -> String? {
        var seen = 0
        for (ring, head) in heads.enumerated() {
            let isDue = ring == Int(Self.dueRing)
            if !isDue {
                let bit = occupiedSlots[ring / Self.slots] >> UInt64(ring % Self.slots) & 1
                if (bit == 1) != (head != Self.nobody) { return "slot \(ring): bit and ring disagree" }
            }
            if head == Self.nobody { continue }
            var index = head
            repeat {
                let entry = entries[Int(index)]
                if Int(entry.ring) != ring { return "entry \(index) lies in ring \(ring) and says \(entry.ring)" }
                if entries[Int(entry.next)].previous != index { return "entry \(index): next's previous is another" }
                if isDue != (entry.deadline <= elapsed) { return "entry \(index): due and deadline disagree" }
                if !isDue, self.ring(for: entry.deadline) != ring { return "entry \(index) lies in a wrong slot" }
                seen += 1
                index = entry.next
            } while index != head && seen <= entries.count
        }
        for level in 0..<Self.levels where (occupiedSlots[level] != 0) != (occupiedLevels >> UInt16(level) & 1 == 1) {
            return "level \(level): bit and slots disagree"
        }
        return seen == count ? nil : "\(seen) entries linked, \(count) counted"
    }
}
