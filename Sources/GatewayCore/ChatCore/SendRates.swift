public import ChatModel
import Synchronization

/// What each user may still send over client interfaces (protocol.md §9). Any thread reads, for the headers of REST
/// answers; only the core takes.
public final class SendRates: Sendable {
    /// Limits are per minute.
    static let periodMs: Int64 = 60_000

    private let tables = Mutex<[AppNumber: RateTable]>([:])

    public init() {}

    /// Takes one of the user's; nil: allowed. Otherwise the milliseconds to wait. A limit of 0 allows everything.
    func take(_ app: AppNumber, _ user: UserID, nowMs: Int64, perMinute: Int) -> Int64? {
        guard perMinute > 0 else { return nil }
        return tables.withLock {
            $0[app, default: RateTable()].take(user, nowMs: nowMs, rate: perMinute, periodMs: Self.periodMs)
        }
    }

    /// How many messages the user may send at once. `nowMs` is monotonic; `perMinute` above 0.
    public func left(_ app: AppNumber, _ user: UserID, nowMs: Int64, perMinute: Int) -> Int {
        tables.withLock {
            $0[app, default: RateTable()].left(user, nowMs: nowMs, rate: perMinute, periodMs: Self.periodMs)
        }
    }
}
