import Reactor
import TLSEngine
import Testing

@testable import GatewayServer

@Suite struct HandshakeTurnTests {
    private func established(_ wire: Wire, _ ids: [SlabID]) -> Int {
        ids.count(where: { wire.ends[$0].isEstablished })
    }

    @Test func noMoreHandshakesBeginPerTickThanTheBudgetAllows() throws {
        let contexts = try TestTLS(.tls13)
        let wire = try Wire(handshakesPerTick: 2)
        let servers = try (0..<7).map { _ in try wire.connect(contexts).server }
        var begun = 0
        var longestQueue = 0
        var turns = 0
        while established(wire, servers) < 7, turns < 20 {
            wire.turn()
            let now = servers.count(where: { wire.ends[$0].transport.phase != .waiting })
            #expect(now - begun <= 2)
            begun = now
            longestQueue = max(longestQueue, wire.streams.waitingHandshakes)
            turns += 1
        }
        #expect(established(wire, servers) == 7)
        #expect(longestQueue >= 3)
    }

    @Test func liveTrafficPassesWhileHandshakesWait() throws {
        let contexts = try TestTLS(.tls13)
        let wire = try Wire(handshakesPerTick: 1)
        let (client, server) = try wire.connect(contexts)
        wire.settle()
        for _ in 0..<10 { _ = try wire.connect(contexts) }
        wire.turn()
        wire.turn()
        #expect(wire.streams.waitingHandshakes > 3)
        wire.write(client, [1])
        wire.turn()
        #expect(wire.ends[server].received == [1])
    }

    @Test func connectionThatLeavesWhileItWaitsIsToldAndItsTurnSkipped() throws {
        let contexts = try TestTLS(.tls13)
        let wire = try Wire(handshakesPerTick: 1)
        let pairs = try (0..<6).map { _ in try wire.connect(contexts) }
        wire.turn()
        wire.turn()
        let waiting = pairs.filter { wire.ends[$0.server].transport.isDeferred }
        #expect(waiting.count >= 3)
        _ = wire.ends.remove(waiting[0].client)
        _ = wire.ends.remove(waiting[1].server)
        wire.settle()
        #expect(wire.ends[waiting[0].server].transport.isFinished == true)
        #expect(wire.ends[waiting[2].server].isEstablished == true)
        #expect(wire.streams.waitingHandshakes == 0)
    }
}
