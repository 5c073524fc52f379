internal import GatewayCore
internal import Reactor
internal import Synchronization

/// What one address may do: connections at once, failed attempts to authenticate per minute, over WebSocket and REST
/// together. Any thread.
///
/// IPv6 addresses count by their /64, as one host owns that many. Memory is bounded: connections by their own number,
/// failures by `addressesMax` addresses, of which the longest quiet are forgotten.
final class AddressLimits: Sendable {
    /// 0 turns a bound off. A reload replaces them.
    struct Bounds: Sendable {
        var connections = 0
        var connectionsPerAddress = 0
        var failuresPerMinute = 0
    }

    static let addressesMax = 65_536
    private static let periodMs: Int64 = 60_000

    private struct Key: Hashable, Sendable {
        let high: UInt64
        let isIPv6: Bool

        init?(_ address: SocketAddress) {
            switch address {
            case .ipv4(let address, _): (high, isIPv6) = (UInt64(address), false)
            case .ipv6(let high, _, _, _): (self.high, isIPv6) = (high, true)
            case .unix: return nil
            }
        }
    }

    /// Failures that have not yet worn off.
    private struct Failures: Sendable {
        var spent = 0.0
        var atMs: Int64 = 0

        func spent(_ perMinute: Int, _ nowMs: Int64) -> Double {
            max(0, spent - Double(max(nowMs - atMs, 0)) * Double(perMinute) / Double(AddressLimits.periodMs))
        }
    }

    private struct State: Sendable {
        var bounds: Bounds
        var total = 0
        /// Counted whether or not they are bounded, so that a reload may turn the bound on.
        var connections: [Key: Int] = [:]
        var failures = RecentTable<Key, Failures>(capacity: AddressLimits.addressesMax)

        mutating func add(_ key: Key) -> Bool {
            let ofAddress = connections[key] ?? 0
            if bounds.connectionsPerAddress > 0, ofAddress >= bounds.connectionsPerAddress { return false }
            connections[key] = ofAddress + 1
            return true
        }
    }

    private let state: Mutex<State>

    init(_ bounds: Bounds) {
        state = Mutex(State(bounds: bounds))
    }

    var bounds: Bounds {
        get { state.withLock { $0.bounds } }
        set { state.withLock { $0.bounds = newValue } }
    }

    /// Connections open on all shards.
    var connections: Int { state.withLock { $0.total } }
    /// Addresses whose failures are kept.
    var failingAddresses: Int { state.withLock { $0.failures.count } }

    /// Counts a connection in; false: it must be closed, and was not counted. One behind a proxy is not `isIdentified`:
    /// it counts against nobody's address until `identify`.
    func enter(_ address: SocketAddress, isIdentified: Bool = true) -> Bool {
        guard let key = Key(address) else { return true }
        return state.withLock { state in
            let max = state.bounds.connections
            if max > 0, state.total >= max { return false }
            guard !isIdentified || state.add(key) else { return false }
            state.total += 1
            return true
        }
    }

    /// Whose connection one that has entered is; false: the address has its fill, and the connection must be closed.
    func identify(_ address: SocketAddress) -> Bool {
        guard let key = Key(address) else { return true }
        return state.withLock { $0.add(key) }
    }

    /// Counts a connection out that has entered, and whose address was counted if `isIdentified`.
    func leave(_ address: SocketAddress, isIdentified: Bool = true) {
        guard let key = Key(address) else { return }
        state.withLock { state in
            state.total -= 1
            guard isIdentified, let ofAddress = state.connections[key] else { return }
            state.connections[key] = ofAddress > 1 ? ofAddress - 1 : nil
        }
    }

    /// Milliseconds until the address may try again; nil: it may now. `nowMs` is monotonic.
    func waitBeforeAttempt(_ address: SocketAddress, nowMs: Int64) -> Int64? {
        guard let key = Key(address) else { return nil }
        return state.withLock { state in
            let perMinute = state.bounds.failuresPerMinute
            guard perMinute > 0, let failures = state.failures[key] else { return nil }
            let excess = failures.spent(perMinute, nowMs) + 1 - Double(perMinute)
            return excess > 0 ? Int64((excess * Double(Self.periodMs) / Double(perMinute)).rounded(.up)) : nil
        }
    }

    func authenticationFailed(_ address: SocketAddress, nowMs: Int64) {
        guard let key = Key(address) else { return }
        state.withLock { state in
            let perMinute = state.bounds.failuresPerMinute
            guard perMinute > 0 else { return }
            let before = state.failures[key]?.spent(perMinute, nowMs) ?? 0
            // Attempts that were under way together may overdraw; they cost no more than a minute.
            let failures = Failures(spent: min(before + 1, Double(perMinute)), atMs: nowMs)
            state.failures.set(key, failures, nowMs: nowMs, periodMs: Self.periodMs)
        }
    }
}
