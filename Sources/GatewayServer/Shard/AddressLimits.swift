internal import Reactor
internal import Synchronization

/// What one address may do: connections at once, failed `auth` attempts per minute. Any thread.
///
/// IPv6 addresses count by their /64, as one host owns that many.
final class AddressLimits: Sendable {
    private struct Key: Hashable {
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

    private struct Entry {
        var connections = 0
        /// Failures left before refusal, refilled over time.
        var spent = 0.0
        var atMs: Int64 = 0
    }

    private let table = Mutex<[Key: Entry]>([:])
    private let total = Atomic<Int>(0)
    private let connectionsMax: Int
    private let perAddressMax: Int
    private let failuresPerMinute: Int

    /// 0 turns a limit off.
    init(connectionsMax: Int, perAddressMax: Int, failuresPerMinute: Int) {
        self.connectionsMax = connectionsMax
        self.perAddressMax = perAddressMax
        self.failuresPerMinute = failuresPerMinute
    }

    /// Connections open on all shards.
    var connections: Int { total.load(ordering: .relaxed) }

    /// Counts a connection in; false: it must be closed, and was not counted.
    func enter(_ address: SocketAddress) -> Bool {
        guard let key = Key(address) else { return true }
        if connectionsMax > 0, total.load(ordering: .relaxed) >= connectionsMax { return false }
        if perAddressMax > 0 {
            let entered = table.withLock { table in
                guard table[key, default: Entry()].connections < perAddressMax else { return false }
                table[key, default: Entry()].connections += 1
                return true
            }
            guard entered else { return false }
        }
        total.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    func leave(_ address: SocketAddress) {
        guard let key = Key(address) else { return }
        total.wrappingSubtract(1, ordering: .relaxed)
        guard perAddressMax > 0 else { return }
        table.withLock { table in
            guard var entry = table[key] else { return }
            entry.connections -= 1
            table[key] = entry.connections == 0 && entry.spent == 0 ? nil : entry
        }
    }

    func mayAuthenticate(_ address: SocketAddress, nowMs: Int64) -> Bool {
        guard failuresPerMinute > 0, let key = Key(address) else { return true }
        return table.withLock { table in
            guard let entry = table[key] else { return true }
            return spent(entry, nowMs) + 1 <= Double(failuresPerMinute)
        }
    }

    func authenticationFailed(_ address: SocketAddress, nowMs: Int64) {
        guard failuresPerMinute > 0, let key = Key(address) else { return }
        table.withLock { table in
            if table.count >= Self.addressesMax { forgetRecovered(&table, nowMs) }
            var entry = table[key] ?? Entry()
            entry.spent = spent(entry, nowMs) + 1
            entry.atMs = nowMs
            table[key] = entry
        }
    }

    private static let addressesMax = 65_536

    private func spent(_ entry: Entry, _ nowMs: Int64) -> Double {
        max(0, entry.spent - Double(nowMs - entry.atMs) * Double(failuresPerMinute) / 60_000)
    }

    private func forgetRecovered(_ table: inout [Key: Entry], _ nowMs: Int64) {
        table = table.filter { $0.value.connections > 0 || spent($0.value, nowMs) > 0 }
    }
}
