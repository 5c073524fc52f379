import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// The core is told what a connection was really ended with.
@Suite struct ShardCloseCodeTests {
    private func ended(_ end: (ShardHarness, ConnectionReference) -> Void) -> [UInt16] {
        let shard = ShardHarness()
        let connection = shard.connect("alice")
        end(shard, connection)
        shard.core.closed(connection)
        return shard.sink.goneWith
    }

    @Test(arguments: CloseReason.allCases) func whatTheGatewayEndsItWith(_ reason: CloseReason) {
        #expect(ended { $0.core.end($1, reason) } == [reason.code])
    }

    @Test(arguments: [1000, 1001, 3000, 4999] as [UInt16]) func whatThePeerClosedWith(_ code: UInt16) {
        #expect(ended { $0.core.peerCloses($1, code: code) } == [code])
    }

    @Test func aPeersCloseWithoutACodeIs1005() {
        #expect(ended { $0.core.peerCloses($1, code: nil) } == [1005])
    }

    @Test func aConnectionThatBreaksOffIs1006() {
        #expect(ended { _, _ in } == [1006])
    }

    @Test func theFirstEndCounts() {
        #expect(
            ended {
                $0.core.end($1, .slowConsumer)
                $0.core.peerCloses($1, code: 1000)
            } == [4204])
    }

    @Test func aMissingPingIs4203() {
        #expect(ended { shard, _ in shard.pass(60_000) } == [4203])
    }
}
