import ChatModel
import Testing

@testable import GatewayCore

@Suite struct IndexedHeapTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func theTwoLowestAreAlwaysRight(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var heap = IndexedHeap()
        var naive: [Int64] = []
        for _ in 0..<5_000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let key = Int64.random(in: 0..<100, using: &random)
                heap.insert(Int32(naive.count), key: key)
                naive.append(key)
            case 1 where !naive.isEmpty:
                let slot = Int.random(in: 0..<naive.count, using: &random)
                heap.removeSwappingLast(Int32(slot))
                naive.swapAt(slot, naive.count - 1)
                naive.removeLast()
            case 2 where !naive.isEmpty:
                let slot = Int.random(in: 0..<naive.count, using: &random)
                naive[slot] = Int64.random(in: 0..<100, using: &random)
                heap.update(Int32(slot), key: naive[slot])
            default: break
            }
            let sorted = naive.sorted()
            #expect(heap.count == naive.count)
            #expect(heap.lowestSlot.map { heap.keys[Int($0)] } == sorted.first)
            #expect(heap.secondKey == (sorted.count > 1 ? sorted[1] : nil))
        }
    }

    @Test func allAtOnceIsTheSameAsOneByOne() {
        var random = SeededGenerator(state: 9)
        let keys = (0..<500).map { _ in Int64.random(in: 0..<1_000, using: &random) }
        var heap = IndexedHeap(keys: keys)
        for key in keys.sorted() {
            let slot = heap.lowestSlot!
            #expect(heap.keys[Int(slot)] == key)
            heap.remove(slot)
        }
        #expect(heap.isEmpty)
    }
}

@Suite struct MemberTableTests {
    @Test(arguments: [4, 5] as [UInt64]) func membersAreFoundThroughAddsAndRemovals(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var table = MemberTable()
        var naive: [Int32: Int64] = [:]
        for seq in 1...20_000 as ClosedRange<Int64> {
            let handle = Int32.random(in: 0..<600, using: &random)
            if let slot = table.slot(of: handle) {
                #expect(table.members[Int(slot)].joinedSeq == naive[handle])
                if Bool.random(using: &random) {
                    table.remove(slot: slot)
                    naive[handle] = nil
                }
            } else {
                #expect(naive[handle] == nil)
                table.append(MemberTable.Member(handle: handle, scope: .admin, joinedAt: seq, joinedSeq: seq))
                naive[handle] = seq
            }
            #expect(table.count == naive.count)
        }
        for (handle, seq) in naive {
            #expect(table.member(handle)?.joinedSeq == seq)
            #expect(table.member(handle)?.scope == .admin)
        }
    }

    @Test func aMemberIsSixteenBytes() {
        #expect(MemoryLayout<MemberTable.Member>.stride == 16)
        let member = MemberTable.Member(handle: 7, scope: .moderator, joinedAt: 1_795_219_853, joinedSeq: 9)
        #expect(member.handle == 7)
        #expect(member.scope == .moderator)
        #expect(member.joinedAt == 1_795_219_853)
    }
}

@Suite struct HandleTableTests {
    private final class Thing {}

    @Test func aHandleIsReusedOnlyWhenNobodyHoldsIt() {
        var table = HandleTable<UserID, Thing>()
        let a = table.acquire(u("a"))
        let again = table.acquire(u("a"))
        #expect(a == again)
        table.release(a)
        #expect(table.handle(of: u("a")) == a)
        #expect(table.acquire(u("b")) != a)
        table.release(a)
        #expect(table.handle(of: u("a")) == nil)
        #expect(table.acquire(u("c")) == a)
        #expect(table.id(of: a) == u("c"))
        #expect(table.count == 2)
    }

    @Test func releasingTwiceIsABug() async {
        await #expect(processExitsWith: .failure) {
            var table = HandleTable<UserID, Thing>()
            let a = table.acquire(u("a"))
            table.release(a)
            table.release(a)
        }
    }
}

@Suite struct EntityCacheTests {
    private func cache(_ names: [String]) -> (EntityCache<String>, [Int32]) {
        var cache = EntityCache<String>()
        let slots = names.map { name in
            let slot = cache.reserveSlot()
            cache.fill(slot, name, cost: 10)
            return slot
        }
        return (cache, slots)
    }

    @Test func theLongestUnusedGoesFirst() {
        var (cache, slots) = cache(["a", "b", "c"])
        cache.use(slots[0])
        #expect(cache.candidate(horizon: 0, isHeld: { _ in false }) == "b")
        cache.remove(slots[1])
        #expect(cache.candidate(horizon: 0, isHeld: { _ in false }) == "c")
        #expect(cache.costTotal == 20)
    }

    @Test func whatADecisionInFlightChangedStaysUntilTheHorizonPassesIt() {
        var (cache, slots) = cache(["a", "b"])
        cache.pin(slots[0], through: 7, cost: 10)
        cache.pin(slots[1], through: 8, cost: 10)
        #expect(cache.candidate(horizon: 6, isHeld: { _ in false }) == nil)
        #expect(cache.candidate(horizon: 7, isHeld: { _ in false }) == "a")
        #expect(cache.candidate(horizon: 8, isHeld: { $0 == "a" }) == "b")
    }

    @Test func costsFollowTheEntity() {
        var (cache, slots) = cache(["a", "b"])
        cache.pin(slots[0], through: 1, cost: 500)
        #expect(cache.costTotal == 510)
        cache.remove(slots[0])
        #expect(cache.costTotal == 10)
        #expect(cache.count == 1)
    }
}

@Suite struct LoadTrackerTests {
    private let a = EntityKey.user(AppNumber(1), UserID(trusted: "a"))
    private let b = EntityKey.user(AppNumber(1), UserID(trusted: "b"))

    @Test func theHorizonIsWhatTheOldestReadUnderWaySurelySaw() {
        var loads = LoadTracker()
        #expect(loads.horizon(committedThrough: 9) == 9)
        loads.issued(a, committedThrough: 3)
        loads.issued(b, committedThrough: 5)
        #expect(loads.horizon(committedThrough: 9) == 3)
        #expect(loads.arrived(a) == .fresh(committedThrough: 3))
        #expect(loads.horizon(committedThrough: 9) == 5)
        #expect(loads.arrived(b) == .fresh(committedThrough: 5))
        #expect(loads.horizon(committedThrough: 9) == 9)
        #expect(loads.arrived(b) == .unknown)
    }

    @Test func aReadFromBeforeAFailureIsVoid() {
        var loads = LoadTracker()
        loads.issued(a, committedThrough: 3)
        loads.voidAll()
        loads.issued(b, committedThrough: 3)
        #expect(loads.arrived(a) == .void)
        #expect(loads.arrived(b) == .fresh(committedThrough: 3))
    }
}

@Suite struct ParkingLotTests {
    private let a = EntityKey.user(AppNumber(1), UserID(trusted: "a"))
    private let b = EntityKey.user(AppNumber(1), UserID(trusted: "b"))

    @Test func arrivalOrderHoldsPerKey() {
        var lot = ParkingLot<Int>()
        lot.park(1, arrival: 1, keys: [a])
        lot.park(2, arrival: 2, keys: [a, b])
        lot.park(3, arrival: 3, keys: [b])
        #expect(lot.first(on: a)?.parked == 1)
        #expect(lot.first(on: b)?.parked == 2)
        #expect(!lot.isFirst(2, on: a))
        lot.remove(1)
        #expect(lot.isFirst(2, on: a))
        lot.remove(2)
        #expect(lot.first(on: b)?.parked == 3)
        #expect(!lot.isQueued(a))
        lot.remove(3)
        #expect(lot.isEmpty)
    }

    @Test func aKeyFoundOutLaterIsQueuedWhereTheArrivalStands() {
        var lot = ParkingLot<Int>()
        lot.park(1, arrival: 1, keys: [a])
        lot.park(2, arrival: 2, keys: [b, a])
        lot.add([a, b], to: 1)
        #expect(lot.isFirst(1, on: b))
        #expect(lot.all(on: b).map(\.parked) == [1, 2])
    }
}

@Suite struct SessionTableTests {
    private func session(_ connection: UInt64, _ id: String, user: Int32) -> SessionTable.Session {
        SessionTable.Session(
            ConnectRequest(
                connection: c(connection), session: SessionID(id)!, uid: u("a"),
                credential: .token(hash("t")), deviceID: nil, platform: nil, appState: .foreground, connectedAt: 0),
            app: AppNumber(1), user: user, token: hash("t"))
    }

    @Test func anOlderConnectionWithTheSameIdIsFoundWhenTheNewerLeaves() {
        var table = SessionTable()
        var head = SessionTable.none
        table.insert(session(1, "s", user: 0), head: &head)
        table.insert(session(2, "s", user: 0), head: &head)
        #expect(table.session(AppNumber(1), SessionID("s")!)?.connection == c(2))
        #expect(table.remove(c(2), head: &head) != nil)
        #expect(table.session(AppNumber(1), SessionID("s")!)?.connection == c(1))
        #expect(table.remove(c(1), head: &head) != nil)
        #expect(table.session(AppNumber(1), SessionID("s")!) == nil)
        #expect(table.remove(c(1), head: &head) == nil)
        #expect(head == SessionTable.none)
    }

    @Test func theListOfAUserLosesAnyOfItsMembers() {
        var table = SessionTable()
        var head = SessionTable.none
        for connection in 1...5 as ClosedRange<UInt64> {
            table.insert(session(connection, "s\(connection)", user: 0), head: &head)
        }
        for connection in [3, 5, 1] as [UInt64] { _ = table.remove(c(connection), head: &head) }
        #expect(table.list(head: head).map(\.connection) == [c(4), c(2)])
        #expect(table.count == 2)
    }
}
