import Testing

@testable import Reactor

@Suite struct TimerWheelTests {
    private func fired(_ wheel: TimerWheel, at nowMs: Int64) -> [UInt64] {
        var owners: [UInt64] = []
        while let timer = wheel.popDue(at: nowMs) { owners.append(timer.owner) }
        return owners
    }

    @Test func timerFiresAtItsDeadlineAndNotBefore() {
        let wheel = TimerWheel(startingAt: 1000)
        _ = wheel.arm(at: 1100, owner: 7, kind: 3)
        #expect(fired(wheel, at: 1099).isEmpty)
        let timer = wheel.popDue(at: 1100)
        #expect(timer?.owner == 7)
        #expect(timer?.kind == 3)
        #expect(wheel.popDue(at: 1100) == nil)
        #expect(wheel.count == 0)
        #expect(wheel.nextWakeMs == nil)
    }

    @Test func laterDeadlinesFireAfterEarlierOnesAcrossLevels() {
        let wheel = TimerWheel(startingAt: 5)
        let deadlines: [Int64] = [400_000_000, 6, 70, 64, 4095, 4096, 300_000, 63, 1 << 40]
        for deadline in deadlines { _ = wheel.arm(at: deadline, owner: UInt64(deadline)) }
        #expect(wheel.selfCheck() == nil)
        #expect(fired(wheel, at: 1 << 41) == deadlines.sorted().map(UInt64.init))
    }

    @Test func passedDeadlineFiresInTheNextMillisecondAndNotInTheSamePass() {
        let wheel = TimerWheel(startingAt: 50)
        _ = wheel.arm(at: 60, owner: 1)
        #expect(wheel.popDue(at: 60)?.owner == 1)
        _ = wheel.arm(at: 10, owner: 2)
        #expect(wheel.popDue(at: 60) == nil)
        #expect(wheel.popDue(at: 61)?.owner == 2)
    }

    @Test func timerCancelledWhileDueDoesNotFire() {
        let wheel = TimerWheel(startingAt: 0)
        _ = wheel.arm(at: 5, owner: 1)
        let second = wheel.arm(at: 5, owner: 2)
        #expect(wheel.popDue(at: 9)?.owner == 1)
        #expect(wheel.cancel(second))
        #expect(wheel.popDue(at: 9) == nil)
    }

    @Test func idOfAFiredTimerDoesNotTouchTheOneThatReusesItsPlace() {
        let wheel = TimerWheel(startingAt: 0)
        let old = wheel.arm(at: 1, owner: 1)
        #expect(wheel.popDue(at: 1) != nil)
        let new = wheel.arm(at: 9, owner: 2)
        #expect(new.index == old.index)
        #expect(!wheel.cancel(old))
        #expect(!wheel.rearm(old, at: 20))
        #expect(!wheel.cancel(.none))
        #expect(wheel.isArmed(new))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomSequencesMatchASortedList(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var nowMs: Int64 = 1_700_000
        let wheel = TimerWheel(startingAt: nowMs)
        var model: [UInt64: (id: TimerID, deadline: Int64)] = [:]
        var nextOwner: UInt64 = 1
        for step in 0..<4000 {
            let farMs = Int64(1) << Int64.random(in: 0...30, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let deadline = nowMs + Int64.random(in: -3...farMs, using: &random)
                model[nextOwner] = (wheel.arm(at: deadline, owner: nextOwner), max(deadline, nowMs + 1))
                nextOwner += 1
            case 5:
                if let owner = model.keys.sorted().randomElement(using: &random) {
                    #expect(wheel.cancel(model.removeValue(forKey: owner)!.id))
                }
            case 6:
                if let owner = model.keys.sorted().randomElement(using: &random) {
                    let deadline = nowMs + Int64.random(in: 0...farMs, using: &random)
                    #expect(wheel.rearm(model[owner]!.id, at: deadline))
                    model[owner]!.deadline = max(deadline, nowMs + 1)
                }
            default:
                if let earliest = model.values.map(\.deadline).min() { #expect(wheel.nextWakeMs! <= earliest) }
                nowMs += Int64.random(in: 0...farMs, using: &random)
                let due = model.filter { $0.value.deadline <= nowMs }.keys
                let owners = fired(wheel, at: nowMs)
                #expect(Set(owners) == Set(due))
                let deadlines = owners.compactMap { model[$0]?.deadline }
                #expect(deadlines == deadlines.sorted())
                for owner in owners { model[owner] = nil }
            }
            #expect(wheel.count == model.count)
            if step % 50 == 0 { #expect(wheel.selfCheck() == nil) }
        }
    }

    @Test func wakingWhenToldReachesEveryDeadlineInFewSteps() {
        let wheel = TimerWheel(startingAt: 123)
        _ = wheel.arm(at: 10_000_000, owner: 1)
        var steps = 0
        var nowMs: Int64 = 123
        while let wakeMs = wheel.nextWakeMs, steps < 20 {
            nowMs = max(nowMs, wakeMs)
            steps += 1
            if let timer = wheel.popDue(at: nowMs) { #expect(timer.owner == 1) }
        }
        #expect(nowMs == 10_000_000)
        #expect(steps <= 6)
    }
}
