import Synchronization
import Testing

@testable import Reactor

/// Notes every callback; answers what it reads; ends its loop when told.
private final class Recorder: EventLoopHandler {
    enum Message: Sendable {
        case adopt(Int32)
        case armTimer(afterMs: Int64)
        case stop
    }

    let loop: EventLoop<Recorder>
    let report: Mailbox<String>
    private var slab = Slab<Descriptor>(shard: 0)
    private var flushes = 0

    init(loop: EventLoop<Recorder>, report: Mailbox<String>) {
        self.loop = loop
        self.report = report
    }

    func ready(_ token: PollToken, _ events: PollEvents) {
        guard slab.contains(token.slabID) else { return }
        let result = loop.buffers.receive.withFreeBytes { bytes in
            Syscall.receive(slab[token.slabID], into: &bytes)
        }
        switch result {
        case .received(let count):
            loop.buffers.receive.advance(by: count)
            loop.buffers.receive.withBytes { bytes in _ = Syscall.send(slab[token.slabID], bytes) }
            loop.buffers.receive.removeAll()
            report.post("echoed \(count)")
        case .wouldBlock: break
        case .endOfStream, .failed:
            _ = slab.remove(token.slabID)
            report.post("closed")
        }
    }

    func receive(_ message: Message) {
        switch message {
        case .adopt(let raw):
            let id = slab.insert(Descriptor(owning: raw))
            try? loop.poller.add(slab[id], token: PollToken(id), interest: .readable)
            report.post("adopted")
        case .armTimer(let afterMs): _ = loop.timers.arm(at: loop.nowMs + afterMs, owner: 5, kind: 9)
        case .stop: loop.stop()
        }
    }

    func timerFired(_ timer: FiredTimer) {
        report.post("timer \(timer.owner) \(timer.kind)")
    }

    func beforeSleep() { flushes += 1 }

    func reclaim() {
        if flushes == 1 { report.post("turning") }
    }
}

@Suite struct EventLoopTests {
    /// Runs a loop on its own thread beside `body`, which gets its mailbox and a way to wait for its next report.
    private func withLoop(
        _ body: (Mailbox<Recorder.Message>, LoopTick, _ expect: (String) -> Void) throws -> Void
    ) throws {
        let mailbox = try Mailbox<Recorder.Message>()
        let report = try Mailbox<String>()
        let tick = LoopTick()
        let thread = try SystemThread(name: "loop") {
            guard let loop = try? EventLoop<Recorder>(mailbox: mailbox, tick: tick) else { return }
            loop.run(Recorder(loop: loop, report: report))
            report.close()
        }
        var seen: [String] = []
        try body(mailbox, tick) { line in
            var batch: [String] = []
            let deadlineMs = SystemTime.monotonicMs() + 20_000
            while !seen.contains(line), SystemTime.monotonicMs() < deadlineMs {
                if !report.waitAndDrain(into: &batch, timeoutMs: 1000) { break }
                seen += batch
            }
            #expect(seen.contains(line))
            if let index = seen.firstIndex(of: line) { seen.remove(at: index) }
        }
        mailbox.post(.stop)
        thread.join()
        #expect(!mailbox.post(.stop), "a loop that has ended takes no messages")
    }

    @Test func loopServesDescriptorsMessagesAndTimers() throws {
        try withLoop { mailbox, tick, expect in
            expect("turning")
            var pair = try Syscall.socketPair()
            let pairFirst = pair.takeFirst()
            let pairSecond = pair.takeSecond()
            let duplicate = try Syscall.duplicate(pairFirst)
            mailbox.post(.adopt(duplicate.release()))
            expect("adopted")
            #expect(Syscall.send(pairSecond, Array("ping".utf8).span) == .sent(4))
            expect("echoed 4")
            var answer = ScratchBuffer(capacity: 16)
            #expect(answer.withFreeBytes { Syscall.receive(pairSecond, into: &$0) } == .received(4))
            mailbox.post(.armTimer(afterMs: 5))
            expect("timer 5 9")
            Syscall.shutdownWriting(pairSecond)
            expect("closed")
            #expect(tick.iterations > 3)
        }
    }

    @Test func idleLoopStillTicks() throws {
        try withLoop { _, tick, expect in
            expect("turning")
            let before = tick.iterations
            let deadlineMs = SystemTime.monotonicMs() + 20_000
            while tick.iterations == before, SystemTime.monotonicMs() < deadlineMs { SystemThread.pause(ms: 20) }
            #expect(tick.iterations > before)
            #expect(tick.busyNs >= 0)
        }
    }

    @Test func threadRunsItsBodyOnceAndJoinWaitsForIt() throws {
        let count = Mutex(0)
        let thread = try SystemThread(name: "a name that is longer than the kernel takes") {
            count.withLock { $0 += 1 }
        }
        thread.join()
        thread.join()
        #expect(count.withLock { $0 } == 1)
    }

    @Test func clocksAdvance() {
        let monotonic = SystemTime.monotonicNs()
        let cpu = SystemTime.threadCPUNs()
        var sum = 0
        for number in 0..<100_000 { sum &+= number &* number }
        #expect(sum != 0)
        #expect(SystemTime.monotonicNs() > monotonic)
        #expect(SystemTime.threadCPUNs() > cpu)
        #expect(SystemTime.wallMs() > 1_700_000_000_000)
    }
}
