internal import GatewayCore
internal import Synchronization

/// What the core last said of itself. Any thread.
final class CoreFigures: Sendable {
    private let counts = Mutex<CoreCounts?>(nil)

    func set(_ value: CoreCounts) { counts.withLock { $0 = value } }
    var latest: CoreCounts? { counts.withLock { $0 } }
}
