import ChatModel

/// Commands that wait for entities, in order of arrival per entity.
///
/// Every key has a queue sorted by arrival. A command goes when it is first in the queues of all its keys and all of them
/// are in memory. A command that finds out later that it needs one more key enters that queue at its own arrival's
/// place; so the earliest of all waiting is first everywhere, and no two can wait for each other.
struct ParkingLot<Parked> {
    struct Ticket {
        let arrival: UInt64
        let parked: Parked
        fileprivate(set) var keys: [EntityKey]
        /// The keys before this one were present and first when last looked at.
        var checked = 0
    }

    private struct Queue {
        var arrivals: [UInt64] = []
        var head = 0

        var first: UInt64? { head < arrivals.count ? arrivals[head] : nil }
        var count: Int { arrivals.count - head }

        mutating func insert(_ arrival: UInt64) {
            var index = arrivals.count
            while index > head, arrivals[index - 1] > arrival { index -= 1 }
            arrivals.insert(arrival, at: index)
        }

        mutating func remove(_ arrival: UInt64) {
            if first == arrival {
                head += 1
                if head > 64, head * 2 > arrivals.count {
                    arrivals.removeFirst(head)
                    head = 0
                }
            } else if let index = arrivals[head...].firstIndex(of: arrival) {
                arrivals.remove(at: index)
            }
        }
    }

    private var tickets: [UInt64: Ticket] = [:]
    private var queues: [EntityKey: Queue] = [:]

    var count: Int { tickets.count }
    var isEmpty: Bool { tickets.isEmpty }

    func isQueued(_ key: EntityKey) -> Bool { queues[key] != nil }
    func waiting(for key: EntityKey) -> Int { queues[key]?.count ?? 0 }
    func ticket(_ arrival: UInt64) -> Ticket? { tickets[arrival] }

    func first(on key: EntityKey) -> Ticket? {
        queues[key]?.first.flatMap { tickets[$0] }
    }

    func isFirst(_ arrival: UInt64, on key: EntityKey) -> Bool {
        queues[key]?.first == arrival
    }

    mutating func park(_ parked: Parked, arrival: UInt64, keys: [EntityKey]) {
        tickets[arrival] = Ticket(arrival: arrival, parked: parked, keys: [])
        add(keys, to: arrival)
    }

    /// Queues the ticket on those of `keys` it does not wait for yet.
    mutating func add(_ keys: [EntityKey], to arrival: UInt64) {
        guard var ticket = tickets.removeValue(forKey: arrival) else { return }
        for key in keys where !ticket.keys.contains(key) {
            ticket.keys.append(key)
            queues[key, default: Queue()].insert(arrival)
        }
        tickets[arrival] = ticket
    }

    mutating func setChecked(_ checked: Int, of arrival: UInt64) {
        tickets[arrival]?.checked = checked
    }

    /// Takes the ticket out of all queues.
    mutating func remove(_ arrival: UInt64) {
        guard let ticket = tickets.removeValue(forKey: arrival) else { return }
        for key in ticket.keys {
            queues[key]?.remove(arrival)
            if queues[key]?.count == 0 { queues[key] = nil }
        }
    }

    var queuedKeys: [EntityKey] { Array(queues.keys) }

    /// Nothing that was in memory counts any more.
    mutating func restart() {
        for arrival in tickets.keys { tickets[arrival]?.checked = 0 }
    }

    /// All that wait for the key, in order.
    func all(on key: EntityKey) -> [Ticket] {
        guard let queue = queues[key] else { return [] }
        return queue.arrivals[queue.head...].compactMap { tickets[$0] }
    }
}
