import GatewayServer
import Synchronization
import Testing

/// Doors that jobs wait behind.
private final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)
    let passed = Atomic<Int>(0)

    func open() { isOpen.store(true, ordering: .releasing) }

    func pass() {
        while !isOpen.load(ordering: .acquiring) {}
        passed.wrappingAdd(1, ordering: .relaxed)
    }
}

@Suite struct BlockingPoolTests {
    @Test func theQueueIsBoundedAndWhatWasTakenIsDone() throws {
        let pool = try BlockingPool(threads: 1, queueMax: 2)
        let gate = Gate()
        #expect(pool.submit { gate.pass() })
        // The first is running or about to; two more wait at most.
        var taken = 1
        while pool.submit({ gate.pass() }) { taken += 1 }
        #expect((2...3).contains(taken))
        #expect(!pool.submit {})
        gate.open()
        pool.close()
        #expect(gate.passed.load(ordering: .relaxed) >= taken)
        #expect(!pool.submit {}, "closed")
        #expect(pool.depth == 0)
    }
}
