import Synchronization
import Testing

@testable import Reactor

/// Counts itself out.
private final class Witness {
    static let alive = Mutex(0)

    init() { Witness.alive.withLock { $0 += 1 } }
    deinit { Witness.alive.withLock { $0 -= 1 } }
}

@Suite struct SlabTests {
    @Test func idGivesItsElementAndGoesStaleWithIt() {
        var slab = Slab<String>(shard: 3)
        let first = slab.insert("first")
        #expect(first.shard == 3)
        #expect(slab[first] == "first")
        slab[first] += " changed"
        #expect(slab.remove(first) == "first changed")
        #expect(slab.contains(first) == false)
        #expect(slab.remove(first) == nil)
        let second = slab.insert("second")
        #expect(second.slot == first.slot)
        #expect(second != first)
        #expect(slab.contains(first) == false)
        #expect(slab.contains(.none) == false)
    }

    @Test func idOfAnotherShardIsStale() {
        var slab = Slab<Int>(shard: 1)
        var other = Slab<Int>(shard: 2)
        let id = slab.insert(5)
        _ = other.insert(6)
        #expect(slab.contains(id) == true)
        #expect(other.contains(id) == false)
    }

    @Test func elementCanBeToldItsID() {
        var slab = Slab<UInt64>()
        let id = slab.insert { $0.rawValue }
        #expect(slab[id] == id.rawValue)
    }

    @Test func elementThatCannotBeMadeLeavesNothingBehind() {
        var slab = Slab<Int>()
        let first = slab.insert(1)
        var promised = SlabID.none
        #expect(throws: SystemError.self) {
            _ = try slab.insert { id throws(SystemError) -> Int in
                promised = id
                throw SystemError(code: 1, call: "make", object: "element")
            }
        }
        #expect(slab.count == 1)
        #expect(slab.contains(promised) == false)
        let second = slab.insert(2)
        #expect(second.slot == promised.slot)
        #expect(second != promised)
        #expect(slab[first] == 1)
    }

    @Test func randomInsertionsAndRemovalsMatchADictionary() {
        var random = SeededGenerator(state: 11)
        var slab = Slab<Int>()
        var model: [SlabID: Int] = [:]
        var gone: [SlabID] = []
        for step in 0..<20_000 {
            let grows = (step / 4000).isMultiple(of: 2)
            if Int.random(in: 0..<10, using: &random) < (grows ? 7 : 2) || model.isEmpty {
                let id = slab.insert(step)
                #expect(model.updateValue(step, forKey: id) == nil)
            } else if let id = model.keys.randomElement(using: &random) {
                #expect(slab.remove(id) == model.removeValue(forKey: id))
                gone.append(id)
            }
            #expect(slab.count == model.count)
        }
        for (id, value) in model { #expect(slab[id] == value) }
        for id in gone.suffix(500) { #expect(slab.contains(id) == false) }
        var visited = 0
        slab.forEach { id, element in
            if model[id] == element { visited += 1 }
            element += 1
        }
        #expect(visited == model.count)
        for (id, value) in model { #expect(slab[id] == value + 1) }
    }

    @Test func walkSurvivesRemovalsOnItsWay() {
        var slab = Slab<Int>()
        let ids = (0..<300).map { slab.insert($0) }
        var seen: [Int] = []
        var next = slab.first(fromSlot: 0)
        while let id = next {
            seen.append(slab.remove(id)!)
            if id == ids[10] { _ = slab.remove(ids[11]) }
            next = slab.first(fromSlot: id.slot + 1)
        }
        #expect(seen == (0..<300).filter { $0 != 11 })
        #expect(slab.count == 0)
    }

    @Test func elementsGoWithTheSlabAndNoSooner() {
        do {
            var slab = Slab<Witness>()
            let ids = (0..<200).map { _ in slab.insert(Witness()) }
            for id in ids.prefix(150) { _ = slab.remove(id) }
            #expect(Witness.alive.withLock { $0 } == 50)
        }
        #expect(Witness.alive.withLock { $0 } == 0)
    }

    @Test func lowestFreeSlotIsUsedFirst() {
        var slab = Slab<Int>()
        let ids = (0..<500).map { slab.insert($0) }
        for id in [ids[400], ids[3], ids[70]] { _ = slab.remove(id) }
        #expect([slab.insert(0).slot, slab.insert(0).slot, slab.insert(0).slot] == [3, 70, 400])
    }
}
