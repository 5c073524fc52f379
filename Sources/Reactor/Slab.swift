/// Names one element of a slab: shard (8 bits), slot (24), generation (32) in a UInt64 that other threads may hold.
///
/// A generation is used once in 2^32 insertions, so an id held for too long finds nothing rather than a stranger.
public struct SlabID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    @inlinable
    init(shard: UInt8, slot: Int, generation: UInt32) {
        rawValue = UInt64(shard) << 56 | UInt64(slot) << 32 | UInt64(generation)
    }

    /// Never the name of anything.
    public static let none = SlabID(rawValue: 0)

    /// Shards are numbered below this; the number itself marks tokens of other things in a poller.
    public static let shardsMax = UInt8.max
    /// Slots are numbered below this.
    public static let slotsMax = 1 << 24

    @inlinable public var shard: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 56) }
    @inlinable public var slot: Int { Int(truncatingIfNeeded: rawValue >> 32) & (SlabID.slotsMax - 1) }
    @inlinable public var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// `shard/slot#generation`, for logs.
    public var description: String { "\(shard)/\(slot)#\(generation)" }
}

/// A table of elements that stay in place, named by ids that go stale. Confined to its owner's thread.
///
/// Elements live in chunks of 64 slots in raw memory and are changed there. The lowest free slot is used first and an
/// empty chunk is freed (one is kept in hand), so memory follows the number of elements down again, as far as stragglers
/// in high chunks allow.
///
/// Inlinable: called through generic witnesses from another target, an access costs some 200 ns instead of a few.
@safe
public struct Slab<Element: ~Copyable>: ~Copyable {
    /// 64 slots: their memory while any is used, a bit per slot.
    @safe @usableFromInline
    struct Chunk {
        @usableFromInline var elements: UnsafeMutablePointer<Element>?
        @usableFromInline var generations: UnsafeMutablePointer<UInt32>?
        @usableFromInline var occupied: UInt64 = 0

        @usableFromInline
        init() {
            unsafe elements = nil
            unsafe generations = nil
        }
    }

    @inlinable static var slotsPerChunk: Int { 64 }

    @usableFromInline var chunks: [Chunk] = []
    /// A bit per chunk: has a free slot. Chunks not made yet count as full.
    @usableFromInline var chunksWithRoom: [UInt64] = []
    /// No word of `chunksWithRoom` before this one has a bit.
    @usableFromInline var firstWordWithRoom = 0
    @usableFromInline var emptyChunks = 0
    @usableFromInline var lastGeneration: UInt32 = 0
    @usableFromInline let shard: UInt8

    /// Elements inside.
    @inlinable public var count: Int { liveCount }

    @usableFromInline var liveCount = 0

    /// `shard`: goes into the ids.
    public init(shard: UInt8 = 0) {
        precondition(shard < SlabID.shardsMax, "the last shard number marks other things")
        self.shard = shard
    }

    deinit {
        for index in chunks.indices {
            // SAFETY: a set bit means an initialised element; each chunk's memory is owned here alone.
            var occupied = chunks[index].occupied
            while occupied != 0 {
                unsafe (chunks[index].elements! + occupied.trailingZeroBitCount).deinitialize(count: 1)
                occupied &= occupied &- 1
            }
            unsafe chunks[index].elements?.deallocate()
            unsafe chunks[index].generations?.deallocate()
        }
    }

    /// Moves an element in.
    @inlinable
    public mutating func insert(_ element: consuming Element) -> SlabID {
        let id = nextID()
        // SAFETY: `nextID` gave a slot with memory and without an element.
        unsafe place(of: id).initialize(to: element)
        markOccupied(id)
        return id
    }

    /// Moves in the element that `make` gives when told its id; if it throws, nothing has changed.
    @inlinable
    public mutating func insert<Failure: Error>(
        _ make: (SlabID) throws(Failure) -> Element
    ) throws(Failure) -> SlabID {
        let id = nextID()
        // SAFETY: as above; `make` cannot reach this slab, which is being changed.
        unsafe place(of: id).initialize(to: try make(id))
        markOccupied(id)
        return id
    }

    /// A free slot with memory, under a name that has not been used.
    @inlinable
    mutating func nextID() -> SlabID {
        let index = chunkWithRoom()
        let bit = (~chunks[index].occupied).trailingZeroBitCount
        lastGeneration = max(lastGeneration &+ 1, 1)
        return SlabID(shard: shard, slot: index * Self.slotsPerChunk + bit, generation: lastGeneration)
    }

    @inlinable
    mutating func markOccupied(_ id: SlabID) {
        let (index, bit) = id.slot.quotientAndRemainder(dividingBy: Self.slotsPerChunk)
        // SAFETY: `chunkWithRoom` gave a chunk with memory, and `bit` is below 64.
        unsafe chunks[index].generations![bit] = id.generation
        if chunks[index].occupied == 0 { emptyChunks -= 1 }
        chunks[index].occupied |= 1 << UInt64(bit)
        if chunks[index].occupied == .max { setRoom(index, false) }
        liveCount += 1
    }

    /// Where the element of a taken slot lies.
    @inlinable
    func place(of id: SlabID) -> UnsafeMutablePointer<Element> {
        unsafe chunks[id.slot / Self.slotsPerChunk].elements! + id.slot % Self.slotsPerChunk
    }

    /// Moves an element out; nil if the id is stale.
    @inlinable
    public mutating func remove(_ id: SlabID) -> Element? {
        guard contains(id) else { return nil }
        let (index, bit) = id.slot.quotientAndRemainder(dividingBy: Self.slotsPerChunk)
        // SAFETY: `contains` has seen that the slot holds the element.
        let element = unsafe place(of: id).move()
        chunks[index].occupied &= ~(1 << UInt64(bit))
        setRoom(index, true)
        liveCount -= 1
        if chunks[index].occupied == 0 { chunkBecameEmpty(index) }
        return element
    }

    /// Whether the id names an element that is inside.
    @inlinable
    public func contains(_ id: SlabID) -> Bool {
        let (index, bit) = id.slot.quotientAndRemainder(dividingBy: Self.slotsPerChunk)
        guard index < chunks.count, chunks[index].occupied >> UInt64(bit) & 1 == 1, id.shard == shard else {
            return false
        }
        // SAFETY: an occupied chunk has its memory; `bit` is below 64.
        return unsafe chunks[index].generations![bit] == id.generation
    }

    /// The element, in place. The id must not be stale: ask `contains` first.
    @inlinable
    public subscript(_ id: SlabID) -> Element {
        _read {
            precondition(contains(id), "a stale id was used")
            // SAFETY: `contains` has seen that the slot holds the element.
            yield unsafe place(of: id).pointee
        }
        _modify {
            precondition(contains(id), "a stale id was used")
            // SAFETY: as above.
            yield unsafe &place(of: id).pointee
        }
    }

    /// The id of the first element at or after a slot: with `id.slot + 1` as the next start, a walk that may be
    /// interrupted, and that survives insertions and removals on its way. Nil at the end.
    @inlinable
    public func first(fromSlot start: Int) -> SlabID? {
        var (index, bit) = start.quotientAndRemainder(dividingBy: Self.slotsPerChunk)
        while index < chunks.count {
            let ahead = chunks[index].occupied & (UInt64.max << UInt64(bit))
            if ahead != 0 {
                let found = ahead.trailingZeroBitCount
                // SAFETY: an occupied chunk has its memory.
                let generation = unsafe chunks[index].generations![found]
                return SlabID(shard: shard, slot: index * Self.slotsPerChunk + found, generation: generation)
            }
            (index, bit) = (index + 1, 0)
        }
        return nil
    }

    /// Visits every element in place.
    @inlinable
    public mutating func forEach(_ body: (SlabID, inout Element) -> Void) {
        var next = first(fromSlot: 0)
        while let id = next {
            body(id, &self[id])
            next = first(fromSlot: id.slot + 1)
        }
    }

    /// How many elements fulfil a condition.
    @inlinable
    public func count(where condition: (borrowing Element) -> Bool) -> Int {
        var fulfilled = 0
        var next = first(fromSlot: 0)
        while let id = next {
            if condition(self[id]) { fulfilled += 1 }
            next = first(fromSlot: id.slot + 1)
        }
        return fulfilled
    }

    @usableFromInline
    mutating func chunkWithRoom() -> Int {
        while firstWordWithRoom < chunksWithRoom.count {
            let word = chunksWithRoom[firstWordWithRoom]
            if word != 0 {
                let index = firstWordWithRoom * 64 + word.trailingZeroBitCount
                if unsafe chunks[index].elements == nil { allocate(index) }
                return index
            }
            firstWordWithRoom += 1
        }
        precondition(chunks.count * Self.slotsPerChunk < SlabID.slotsMax, "a slab has at most 2^24 slots")
        chunks.append(Chunk())
        if chunksWithRoom.count * 64 < chunks.count { chunksWithRoom.append(0) }
        allocate(chunks.count - 1)
        setRoom(chunks.count - 1, true)
        return chunks.count - 1
    }

    @usableFromInline
    mutating func setRoom(_ index: Int, _ room: Bool) {
        let (word, bit) = index.quotientAndRemainder(dividingBy: 64)
        if room {
            chunksWithRoom[word] |= 1 << UInt64(bit)
            firstWordWithRoom = min(firstWordWithRoom, word)
        } else {
            chunksWithRoom[word] &= ~(1 << UInt64(bit))
        }
    }

    private mutating func allocate(_ index: Int) {
        // SAFETY: freed in `chunkBecameEmpty` or deinit, where the bits say what is initialised.
        unsafe chunks[index].elements = .allocate(capacity: Self.slotsPerChunk)
        unsafe chunks[index].generations = .allocate(capacity: Self.slotsPerChunk)
        unsafe chunks[index].generations!.initialize(repeating: 0, count: Self.slotsPerChunk)
        emptyChunks += 1
    }

    /// Keeps one empty chunk in hand, so that one connection coming and going does not allocate each time.
    @usableFromInline
    mutating func chunkBecameEmpty(_ index: Int) {
        emptyChunks += 1
        if emptyChunks == 1 { return }
        // SAFETY: no bit is set, so no element is initialised, and stale ids are refused by the bits.
        unsafe chunks[index].elements!.deallocate()
        unsafe chunks[index].generations!.deallocate()
        unsafe chunks[index].elements = nil
        unsafe chunks[index].generations = nil
        emptyChunks -= 1
    }
}
