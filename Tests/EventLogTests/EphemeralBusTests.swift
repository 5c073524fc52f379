import EventLog
import Synchronization
import Testing

@Suite struct EphemeralBusTests {
    final class Inbox: Sendable {
        private let batches = Mutex<[[Int]]>([])
        func receive(_ batch: [Int]) { batches.withLock { $0.append(batch) } }
        var all: [[Int]] { batches.withLock { $0 } }
    }

    @Test func everySubscriberGetsEveryBatchInOrder() {
        let (bus, one, two) = (LocalEphemeralBus<Int>(), Inbox(), Inbox())
        let first = bus.subscribe { one.receive($0) }
        bus.publish([1])
        let second = bus.subscribe { two.receive($0) }
        bus.publish([2, 3])
        bus.publish([])
        first.cancel()
        bus.publish([4])
        second.cancel()
        bus.publish([5])
        #expect(one.all == [[1], [2, 3]])
        #expect(two.all == [[2, 3], [4]])
    }

    @Test func aSubscriberMayCancelWhileReceiving() {
        let (bus, inbox) = (LocalEphemeralBus<Int>(), Inbox())
        let own = Mutex<EphemeralSubscription?>(nil)
        let subscription = bus.subscribe { batch in
            inbox.receive(batch)
            own.withLock { $0 }?.cancel()
        }
        own.withLock { $0 = subscription }
        bus.publish([1])
        bus.publish([2])
        #expect(inbox.all == [[1]])
    }
}
