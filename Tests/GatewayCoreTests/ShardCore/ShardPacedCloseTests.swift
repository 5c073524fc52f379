import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct ShardPacedCloseTests {
    @Test func aDrainClosesEveryoneWith4200AtItsPaceEachWithItsOwnTimeToReturn() {
        let shard = ShardHarness()
        let connections = (0..<6).map { shard.connect("u\($0)") } + [shard.open()]
        shard.core.drain(closesPerSecond: 2, handshakesPerSecond: 10)
        #expect(shard.sink.closings.count == 1)
        shard.pass(1_000)
        #expect(shard.sink.closings.count == 3)
        shard.pass(2_000)
        #expect(shard.sink.closings.count == 7)
        #expect(shard.core.closesPending == 0)
        for (index, connection) in connections.enumerated() {
            let frames = shard.read(connection)
            #expect(frames.last?.text == "4200")
            #expect(frames.first?.text.contains(#""retryAfterMs":\#(1_000 + index * 100)"#) == true)
        }
        let late = shard.open()
        #expect(shard.closeCode(late) == 4200)
    }

    @Test func theAdviceStaysBetweenASecondAndAMinute() {
        for number in [0, 1, 59_000, 59_001, 1_000_000] {
            #expect(ShardRules.drainRetryMs.contains(PacedCloses.retryAfterMs(number, 1_000)))
        }
    }

    @Test func theShardsTakeTurnsInKeepingThePace() {
        let harnesses = 3
        var closed = 0
        for shard in 0..<harnesses {
            var closes = PacedCloses()
            closes.add(
                .init(
                    connections: (1...10).map { ConnectionReference(UInt64($0)) }, reason: .draining, rate: 6,
                    startMs: 0, handshakesPerSecond: 0))
            closed += closes.takeDue(nowMs: 1_000, shard: shard, shards: harnesses).count
        }
        #expect(closed == 7)
    }

    @Test func disconnectingAnAppClosesItsSessionsAtThePaceOrAtOnce() {
        for rate in [0, 2] {
            let shard = ShardHarness()
            for number in 0..<5 { shard.connect("u\(number)") }
            let waiting = shard.open()
            shard.walk([(.disconnectApp(rate: rate), nil)])
            #expect(shard.sink.closings.count == (rate == 0 ? 5 : 1))
            let late = shard.connect("late")
            shard.pass(3_000)
            #expect(shard.sink.closings.map(\.reason) == Array(repeating: .disconnectedByBackend, count: 5))
            #expect(shard.read(late).isEmpty && shard.read(waiting).isEmpty)
        }
    }

    @Test func theThrottleFrameReachesEverySession() {
        let shard = ShardHarness()
        let bob = shard.connect("bob")
        let waiting = shard.open()
        shard.core.broadcast(ShardHarness.frame("throttle"))
        #expect(shard.texts(bob) == ["throttle"])
        #expect(shard.read(waiting).isEmpty)
    }
}
