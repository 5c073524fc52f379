internal import Reactor
internal import TLSEngine

/// Where group passwords are derived and checked: on one thread of its own, so that nobody's history or login waits
/// behind them, and the memory they take is that of one. Any thread.
final class PasswordDesk: Sendable {
    static let waitingMax = 64

    let attempts = PasswordAttempts()
    private let thread: BlockingPool

    init(waitingMax: Int = PasswordDesk.waitingMax) throws(SystemError) {
        thread = try BlockingPool(threads: 1, queueMax: waitingMax)
    }

    /// nil: too many wait already.
    func derive(_ password: String) async -> String? {
        await work { PasswordHash.make(password) }
    }

    /// nil: too many wait already.
    func matches(_ password: String, _ hash: String) async -> Bool? {
        await work { PasswordHash.matches(password, hash) }
    }

    /// Finishes what was taken, and joins the thread.
    func close() { thread.close() }

    private func work<Result: Sendable>(_ job: @escaping @Sendable () -> Result) async -> Result? {
        await withCheckedContinuation { continuation in
            let taken = thread.submit { continuation.resume(returning: job()) }
            if !taken { continuation.resume(returning: nil) }
        }
    }
}
