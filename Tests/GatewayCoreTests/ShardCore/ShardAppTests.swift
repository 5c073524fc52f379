import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Several apps on one shard: limits of their own, and an app that is taken away.
@Suite struct ShardAppTests {
    let shard = ShardHarness { rules in
        rules.limits.framesPerMinute = 10
        rules.limits.typingPerSecond = 2
    }

    private func limit(_ change: (inout AppLimits) -> Void) {
        var limits = AppLimits()
        change(&limits)
        shard.core.addApp(ShardHarness.app, id: "app1", limits: limits, position: 100)
    }

    @Test(arguments: [(nil, 9), (4, 3), (12, 11), (0, 100)] as [(Int?, Int)])
    func anAppsOwnFrameRateWins(_ own: Int?, _ pings: Int) {
        limit { $0.framesPerMinute = own }
        let connection = shard.connect("bob")
        for _ in 0..<pings { shard.text(connection, Frames.ping) }
        #expect(shard.closeCode(connection) == nil)
        shard.text(connection, Frames.ping)
        #expect(shard.closeCode(connection) == (own == 0 ? nil : 4102))
    }

    @Test(arguments: [(nil, 2), (1, 1), (5, 5), (0, 9)] as [(Int?, Int)])
    func anAppsOwnTypingRateWins(_ own: Int?, _ passed: Int) {
        limit { $0.typingPerSecond = own }
        // Not the frames' rate, which would close the connection.
        var rules = shard.core.rules
        rules.limits.framesPerMinute = 0
        shard.core.rules = rules
        let connection = shard.connect("bob")
        for _ in 0..<9 { shard.text(connection, Frames.typing(to: "alice")) }
        #expect(shard.sink.commands.count == passed)
    }

    @Test func everyoneOfAnAppThatIsTakenAwayIsClosed4004() {
        let other = AppNumber(2)
        shard.core.addApp(other, id: "app2", position: 5)
        let (live, connecting) = (shard.connect("bob"), shard.beginConnect("carol"))
        let verifying = shard.open()
        shard.text(verifying, ShardHarness.auth("dave", session: "s-dave"))
        let nobodyYet = shard.open()
        shard.text(nobodyYet, Frames.ping)
        shard.core.removeApp(id: "app1")
        shard.pass(50)
        for connection in [live, connecting, verifying] { #expect(shard.closeCode(connection) == 4004) }
        #expect(shard.closeCode(nobodyYet) == nil)
        shard.text(nobodyYet, ShardHarness.auth("erin", session: "s-erin"))
        #expect(shard.closeCode(nobodyYet) == 4004)
        let spared = shard.open()
        shard.text(spared, ShardHarness.auth("erin", session: "s-erin", app: "app2"))
        #expect(shard.closeCode(spared) == nil)
    }

    @Test func whatWasDecidedForAnAppThatIsGoneIsStillWalked() {
        let connection = shard.connect("bob")
        shard.core.removeApp(id: "app1")
        shard.message(101, from: "alice", to: .to("bob"))
        #expect(!shard.texts(connection).contains("m101"), "closed before")
        #expect(shard.core.position(of: ShardHarness.app) == 101)
    }

    @Test func anAppThatComesBackIsServedAgain() {
        shard.core.removeApp(id: "app1")
        shard.core.removeApp(id: "app1")
        shard.core.addApp(ShardHarness.app, id: "app1", position: 50)
        #expect(shard.core.position(of: ShardHarness.app) == 100, "a position never goes back")
        let connection = shard.connect("bob")
        #expect(shard.closeCode(connection) == nil)
    }
}
