/// A binary min-heap over small slot numbers, each with a key that can be changed or removed in O(log n).
///
/// Serves the receipt board (the two lowest marks of a group) and the timers. Slots are dense: 0 ..< capacity.
struct IndexedHeap {
    static let absent: Int32 = -1

    /// Key of each slot; meaningless where the slot is not in the heap.
    private(set) var keys: [Int64] = []
    /// Slots in heap order.
    private var heap: [Int32] = []
    /// Where each slot stands in `heap`, or `absent`.
    private var positions: [Int32] = []

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    var lowestSlot: Int32? { heap.first }

    /// The lowest key but one; nil with fewer than two slots.
    var secondKey: Int64? {
        switch heap.count {
        case 0, 1: nil
        case 2: keys[Int(heap[1])]
        default: min(keys[Int(heap[1])], keys[Int(heap[2])])
        }
    }

    init() {}

    /// All slots of `keys` at once, in O(n).
    init(keys: [Int64]) {
        self.keys = keys
        heap = (0..<Int32(keys.count)).map { $0 }
        positions = heap
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
            sink(index)
        }
    }

    func contains(_ slot: Int32) -> Bool {
        slot < positions.count && positions[Int(slot)] != Self.absent
    }

    mutating func insert(_ slot: Int32, key: Int64) {
        while positions.count <= slot {
            positions.append(Self.absent)
            keys.append(0)
        }
        precondition(positions[Int(slot)] == Self.absent, "the slot is in the heap already")
        keys[Int(slot)] = key
        positions[Int(slot)] = Int32(heap.count)
        heap.append(slot)
        rise(heap.count - 1)
    }

    mutating func update(_ slot: Int32, key: Int64) {
        let position = Int(positions[Int(slot)])
        precondition(position >= 0, "the slot is not in the heap")
        let old = keys[Int(slot)]
        keys[Int(slot)] = key
        if key < old { rise(position) } else { sink(position) }
    }

    mutating func remove(_ slot: Int32) {
        let position = Int(positions[Int(slot)])
        precondition(position >= 0, "the slot is not in the heap")
        positions[Int(slot)] = Self.absent
        let moved = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = moved
        positions[Int(moved)] = Int32(position)
        rise(position)
        sink(Int(positions[Int(moved)]))
    }

    /// Removes `slot` and gives its number to the last slot, so that the slots stay dense (swap-remove of a table).
    mutating func removeSwappingLast(_ slot: Int32) {
        remove(slot)
        let last = Int32(positions.count - 1)
        if last != slot {
            let position = positions[Int(last)]
            heap[Int(position)] = slot
            positions[Int(slot)] = position
            keys[Int(slot)] = keys[Int(last)]
        }
        positions.removeLast()
        keys.removeLast()
    }

    private mutating func rise(_ start: Int) {
        var index = start
        let slot = heap[index]
        let key = keys[Int(slot)]
        while index > 0 {
            let parent = (index - 1) / 2
            let other = heap[parent]
            guard keys[Int(other)] > key else { break }
            heap[index] = other
            positions[Int(other)] = Int32(index)
            index = parent
        }
        heap[index] = slot
        positions[Int(slot)] = Int32(index)
    }

    private mutating func sink(_ start: Int) {
        var index = start
        let slot = heap[index]
        let key = keys[Int(slot)]
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, keys[Int(heap[child + 1])] < keys[Int(heap[child])] {
                child += 1
            }
            let other = heap[child]
            guard keys[Int(other)] < key else { break }
            heap[index] = other
            positions[Int(other)] = Int32(index)
            index = child
        }
        heap[index] = slot
        positions[Int(slot)] = Int32(index)
    }
}
