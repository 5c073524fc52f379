/// Deadlines over the injected monotonic milliseconds, each cancellable and movable in O(log n).
struct TimerHeap<Payload> {
    typealias ID = Int32

    private var deadlines = IndexedHeap()
    private var payloads: [Payload?] = []
    private var free: [ID] = []

    var nextDeadlineMs: Int64? {
        deadlines.lowestSlot.map { deadlines.keys[Int($0)] }
    }

    var count: Int { deadlines.count }

    mutating func arm(_ payload: Payload, at deadlineMs: Int64) -> ID {
        let id: ID
        if let reused = free.popLast() {
            id = reused
            payloads[Int(id)] = payload
        } else {
            id = ID(payloads.count)
            payloads.append(payload)
        }
        deadlines.insert(id, key: deadlineMs)
        return id
    }

    mutating func move(_ id: ID, to deadlineMs: Int64) {
        deadlines.update(id, key: deadlineMs)
    }

    mutating func cancel(_ id: ID) {
        deadlines.remove(id)
        payloads[Int(id)] = nil
        free.append(id)
    }

    /// The earliest timer that is due, disarmed; nil when none is.
    mutating func popDue(at nowMs: Int64) -> Payload? {
        guard let id = deadlines.lowestSlot, deadlines.keys[Int(id)] <= nowMs else { return nil }
        let payload = payloads[Int(id)]
        cancel(id)
        return payload
    }
}
