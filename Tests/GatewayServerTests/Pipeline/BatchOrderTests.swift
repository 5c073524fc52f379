import ChatModel
import GatewayCore
import GatewayServer
import Testing

@Suite struct BatchOrderTests {
    private func batch(_ number: UInt64, _ pools: [CreditPool] = []) -> CommittedBatch {
        CommittedBatch(number: number, decisions: [], pools: pools)
    }

    @Test func batchesAreWalkedInTheOrderOfTheirNumbers() {
        var order = BatchOrder()
        #expect(order.accept(batch(2)).isEmpty)
        #expect(order.accept(batch(4)).isEmpty)
        #expect(order.accept(batch(1)).map(\.number) == [1, 2])
        #expect(order.accept(batch(3)).map(\.number) == [3, 4])
        #expect(order.accept(batch(5)).map(\.number) == [5])
    }

    @Test func creditsComeBackWhenTheLastShardHasWalked() throws {
        let pools = [CreditPool(shard: 0, commands: 1, bytes: 100), CreditPool(shard: 1, commands: 1, bytes: 100)]
        let credit = try #require(pools[1].take(bytes: 60))
        #expect(pools[1].take(bytes: 1) == nil, "one command at a time")
        let decision = Decision(app: AppNumber(1), credit: credit)
        let batch = CommittedBatch(
            number: 1, decisions: [WalkableDecision(decision: decision, duplicate: nil, frames: [])], pools: pools)
        batch.walked()
        #expect(pools[1].available == 0)
        batch.walked()
        #expect(pools[1].available == 1)
        #expect(pools[1].take(bytes: 101) == nil, "nor more bytes than there are")
        #expect(pools[1].take(bytes: 100) != nil)
    }
}
