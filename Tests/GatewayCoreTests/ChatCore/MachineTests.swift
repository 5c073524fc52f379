import ChatModel
import Testing

@testable import GatewayCore

@Suite struct PresenceMachineTests {
    private func machine(_ events: [PresenceMachine.Event]) -> PresenceMachine {
        var machine = PresenceMachine()
        for event in events { _ = machine.handle(event) }
        return machine
    }

    @Test func everyLegalPairGoesWhereTheTableSays() {
        let offline: [PresenceMachine.Event] = []
        let one: [PresenceMachine.Event] = [.connected]
        let two: [PresenceMachine.Event] = [.connected, .connected]
        let grace: [PresenceMachine.Event] = [.connected, .disconnected(atOnce: false)]
        let table: [([PresenceMachine.Event], PresenceMachine.Event, PresenceMachine.State, PresenceMachine.Action)] = [
            (offline, .connected, .online(connections: 1), .announceOnline),
            (offline, .graceExpired, .offline, .none),
            (offline, .ended, .offline, .none),
            (one, .connected, .online(connections: 2), .none),
            (one, .disconnected(atOnce: false), .grace, .armGrace),
            (one, .disconnected(atOnce: true), .offline, .announceOffline),
            (one, .graceExpired, .online(connections: 1), .none),
            (one, .ended, .online(connections: 1), .none),
            (two, .disconnected(atOnce: false), .online(connections: 1), .none),
            (two, .disconnected(atOnce: true), .online(connections: 1), .none),
            (grace, .connected, .online(connections: 1), .disarmGrace),
            (grace, .graceExpired, .offline, .announceOffline),
            (grace, .ended, .offline, .disarmGraceAndAnnounceOffline),
        ]
        for (start, event, state, action) in table {
            var machine = machine(start)
            #expect(machine.handle(event) == action, "\(start) + \(event)")
            #expect(machine.state == state, "\(start) + \(event)")
        }
    }

    @Test func disconnectedWhileOfflineIsABug() async {
        await #expect(processExitsWith: .failure) {
            var machine = PresenceMachine()
            _ = machine.handle(.disconnected(atOnce: false))
        }
    }

    @Test func disconnectedInGraceIsABug() async {
        await #expect(processExitsWith: .failure) {
            var machine = PresenceMachine()
            _ = machine.handle(.connected)
            _ = machine.handle(.disconnected(atOnce: false))
            _ = machine.handle(.disconnected(atOnce: true))
        }
    }
}

@Suite struct SequenceAllocatorTests {
    @Test func positionsBeginAboveWhatWasEverReserved() {
        var positions = SequenceAllocator(reserved: 500, block: 10)
        #expect(positions.remaining == 0)
        let through = positions.reservationNeeded()
        #expect(through == 520)
        positions.reserved(through: 520)
        #expect(positions.take() == 501)
    }

    @Test func theNextBlockIsAskedForTwoBlocksAhead() {
        var positions = SequenceAllocator(reserved: 0, block: 10)
        #expect(positions.reservationNeeded() == 20)
        #expect(positions.reservationNeeded() == nil)
        positions.reserved(through: 20)
        _ = positions.take()
        #expect(positions.reservationNeeded() == 30)
        #expect(positions.reservationNeeded() == nil)
    }

    @Test func aFailedReservationIsAskedForAgain() {
        var positions = SequenceAllocator(reserved: 0, block: 10)
        #expect(positions.reservationNeeded() == 20)
        positions.failed()
        #expect(positions.reservationNeeded() == 20)
    }

    @Test func aPositionThatIsNotReservedIsNeverHandedOut() async {
        await #expect(processExitsWith: .failure) {
            var positions = SequenceAllocator(reserved: 0, block: 10)
            _ = positions.reservationNeeded()
            _ = positions.take()
        }
    }
}

@Suite struct RateBucketTests {
    @Test func theBurstIsTheRateAndThenOneComesBackPerInterval() {
        var bucket = RateBucket()
        for _ in 0..<30 { #expect(bucket.take(nowMs: 5_000, rate: 30, periodMs: 60_000) == nil) }
        #expect(bucket.take(nowMs: 5_000, rate: 30, periodMs: 60_000) == 2_000)
        #expect(bucket.take(nowMs: 6_500, rate: 30, periodMs: 60_000) == 500)
        #expect(bucket.take(nowMs: 7_000, rate: 30, periodMs: 60_000) == nil)
        #expect(bucket.take(nowMs: 7_000, rate: 30, periodMs: 60_000) == 2_000)
    }

    @Test func fullBucketsAreForgotten() {
        var table = RateTable()
        for index in 0..<5_000 {
            _ = table.take(u("u\(index)"), nowMs: Int64(index) * 10_000, rate: 30, periodMs: 60_000)
        }
        #expect(table.count <= 14, "of two periods, at one user in ten seconds")
    }

    @Test func aBucketIsKeptForAPeriodAndTheTableIsBounded() {
        var table = RateTable(capacity: 8)
        for _ in 0..<2 { #expect(table.take(u("a"), nowMs: 0, rate: 2, periodMs: 60_000) == nil) }
        for index in 0..<3 { _ = table.take(u("u\(index)"), nowMs: 59_000, rate: 2, periodMs: 60_000) }
        #expect(table.take(u("a"), nowMs: 0, rate: 2, periodMs: 60_000) != nil)
        for index in 0..<100 {
            _ = table.take(u("v\(index)"), nowMs: 0, rate: 2, periodMs: 60_000)
            #expect(table.count <= 8)
        }
        #expect(table.take(u("a"), nowMs: 0, rate: 2, periodMs: 60_000) == nil, "long away, and forgotten")
    }

    @Test func whatIsLeftIsWhatMayBeTaken() {
        var bucket = RateBucket()
        #expect(bucket.left(nowMs: 0, rate: 3, periodMs: 60_000) == 3)
        for left in [2, 1, 0] {
            #expect(bucket.take(nowMs: 0, rate: 3, periodMs: 60_000) == nil)
            #expect(bucket.left(nowMs: 0, rate: 3, periodMs: 60_000) == left)
        }
        #expect(bucket.left(nowMs: 19_999, rate: 3, periodMs: 60_000) == 0)
        #expect(bucket.left(nowMs: 20_000, rate: 3, periodMs: 60_000) == 1)
        #expect(bucket.left(nowMs: 600_000, rate: 3, periodMs: 60_000) == 3)
    }

    @Test func aRateOfZeroIsOff() {
        var table = RateTable()
        for _ in 0..<1_000 { #expect(table.take(u("a"), nowMs: 0, rate: 0, periodMs: 1_000) == nil) }
        #expect(table.count == 0)
    }
}

@Suite struct TimerHeapTests {
    @Test func timersComeInOrderOfTheirDeadlinesAndCancelledOnesNever() {
        var timers = TimerHeap<String>()
        _ = timers.arm("b", at: 20)
        let moved = timers.arm("c", at: 5)
        let cancelled = timers.arm("x", at: 1)
        _ = timers.arm("a", at: 10)
        timers.move(moved, to: 30)
        timers.cancel(cancelled)
        #expect(timers.nextDeadlineMs == 10)
        #expect(timers.popDue(at: 9) == nil)
        #expect(timers.popDue(at: 100) == "a")
        #expect(timers.popDue(at: 100) == "b")
        #expect(timers.popDue(at: 100) == "c")
        #expect(timers.popDue(at: 100) == nil)
        #expect(timers.nextDeadlineMs == nil)
    }
}

@Suite struct AuthoredLogTests {
    @Test func itKeepsTheNewestAndFindsAuthors() {
        var log = AuthoredLog(countMax: 8)
        for id in 1...100 { log.append(Int64(id * 2), author: u(id % 2 == 0 ? "a" : "b")) }
        #expect(log.ids.count < 11)
        #expect(log.author(of: 200) == u("a"))
        #expect(log.author(of: 199) == nil)
        #expect(log.author(of: 2) == nil)
        #expect(log.newest(atOrBelow: 200, notBy: u("a"))?.id == 198)
        #expect(log.newest(atOrBelow: 199, notBy: u("a"))?.id == 198)
        #expect(log.newest(atOrBelow: 1, notBy: u("a")) == nil)
        log.remove(198)
        #expect(log.author(of: 198) == nil)
    }
}
