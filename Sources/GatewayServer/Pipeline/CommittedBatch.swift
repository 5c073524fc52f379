public import GatewayCore
internal import Synchronization

/// What one transaction of the log made visible, encoded, on its way to every shard. Immutable but for its countdown.
public final class CommittedBatch: Sendable {
    /// Counts up by one per batch: shards walk in this order, whatever order the workers finish in.
    public let number: UInt64
    public let decisions: [WalkableDecision]
    private let pools: [CreditPool]
    private let shardsLeft: Atomic<Int>

    /// `pools`: by shard number.
    public init(number: UInt64, decisions: [WalkableDecision], pools: [CreditPool]) {
        self.number = number
        self.decisions = decisions
        self.pools = pools
        self.shardsLeft = Atomic(pools.count)
    }

    /// Called once by each shard after its walk; the last one gives the credits back.
    public func walked() {
        guard shardsLeft.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        for walkable in decisions {
            let credit = walkable.decision.credit
            if credit.commands > 0 { pools[Int(credit.shard)].give(credit) }
        }
    }
}

/// Puts batches back in order: workers finish them in any. Confined to its shard's loop thread.
public struct BatchOrder {
    private var next: UInt64
    private var early: [UInt64: CommittedBatch] = [:]

    public init(first: UInt64 = 1) {
        next = first
    }

    /// The batches that are due now, in order: `batch` and what waited for it, or none.
    public mutating func accept(_ batch: CommittedBatch) -> [CommittedBatch] {
        guard batch.number == next else {
            early[batch.number] = batch
            return []
        }
        var due = [batch]
        next += 1
        while let following = early.removeValue(forKey: next) {
            due.append(following)
            next += 1
        }
        return due
    }
}
