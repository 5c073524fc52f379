public import GatewayCore
internal import Synchronization

/// What one shard may have under way between itself and the walk: bounds every queue of durable work at once.
///
/// Taken on the shard's thread, given back by whichever shard walks a batch last. Any thread.
public final class CreditPool: Sendable {
    public static let commandsMax = 65_536
    public static let bytesMax = 64 << 20

    private let commands: Atomic<Int>
    private let bytes: Atomic<Int>
    public let shard: UInt16

    public init(shard: UInt16, commands: Int = commandsMax, bytes: Int = bytesMax) {
        self.shard = shard
        self.commands = Atomic(commands)
        self.bytes = Atomic(bytes)
    }

    /// A credit for one command that holds on to `size` bytes, or nil when the pool is empty.
    ///
    /// Only the pool's own shard takes, so a check followed by a subtraction cannot overdraw.
    public func take(bytes size: Int) -> Credit? {
        guard commands.load(ordering: .relaxed) >= 1, bytes.load(ordering: .relaxed) >= size else { return nil }
        commands.wrappingSubtract(1, ordering: .relaxed)
        bytes.wrappingSubtract(size, ordering: .relaxed)
        return Credit(shard: shard, commands: 1, bytes: Int32(clamping: size))
    }

    public func give(_ credit: Credit) {
        commands.wrappingAdd(Int(credit.commands), ordering: .relaxed)
        bytes.wrappingAdd(Int(credit.bytes), ordering: .relaxed)
    }

    /// Commands that could be taken now; for metrics and tests.
    public var available: Int { commands.load(ordering: .relaxed) }
}
