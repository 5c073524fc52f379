import ChatModel

/// Which entities are being read from the store, and how old the oldest of these reads may be.
///
/// A read sees at least what was committed when it was asked for, maybe no more. So nothing that a later decision
/// changed may be forgotten before it returns: `horizon` is the number of the last decision every read surely saw.
struct LoadTracker {
    private struct Issue {
        let key: EntityKey
        let serial: UInt64
        let committedThrough: UInt64
    }

    private struct Flight {
        let serial: UInt64
        let committedThrough: UInt64
        var isVoid: Bool
    }

    enum Arrival: Equatable {
        /// Use it; it surely saw the decisions up to this one.
        case fresh(committedThrough: UInt64)
        /// It may stem from before a failure: read again.
        case void
        /// Nobody asked.
        case unknown
    }

    private var flights: [EntityKey: Flight] = [:]
    private var issues: [Issue] = []
    private var head = 0
    private var serial: UInt64 = 0

    var count: Int { flights.count }

    func isLoading(_ key: EntityKey) -> Bool { flights[key] != nil }

    mutating func issued(_ key: EntityKey, committedThrough: UInt64) {
        serial += 1
        flights[key] = Flight(serial: serial, committedThrough: committedThrough, isVoid: false)
        issues.append(Issue(key: key, serial: serial, committedThrough: committedThrough))
    }

    mutating func arrived(_ key: EntityKey) -> Arrival {
        guard let flight = flights.removeValue(forKey: key) else { return .unknown }
        return flight.isVoid ? .void : .fresh(committedThrough: flight.committedThrough)
    }

    /// After a failure: what was read before it is not to be trusted.
    mutating func voidAll() {
        for key in flights.keys { flights[key]?.isVoid = true }
    }

    /// - Parameter committedThrough: the horizon while nothing is being read.
    mutating func horizon(committedThrough: UInt64) -> UInt64 {
        while head < issues.count, flights[issues[head].key]?.serial != issues[head].serial { head += 1 }
        if head == issues.count {
            issues.removeAll(keepingCapacity: true)
            head = 0
            return committedThrough
        }
        if head > 1_024, head * 2 > issues.count {
            issues.removeFirst(head)
            head = 0
        }
        return issues[head].committedThrough
    }
}
