import ChatModel

/// Users who went offline, until the store shows when they were active last. Core thread only.
///
/// Each stays for `keptMs` and more after its commit, so that a reader who saw the store before it still finds the time
/// in the presence table. As many as went offline meanwhile, which are never more than were online.
struct Departures {
    static let keptMs: Int64 = 2_000

    struct Departure {
        let app: AppNumber
        let user: UserID
        /// Of the decision that writes it down.
        let decision: UInt64
    }

    private var waiting: [Departure] = []
    /// What was committed at `sinceMs`.
    private var committedThrough: UInt64 = 0
    private var sinceMs: Int64 = 0

    var count: Int { waiting.count }

    mutating func append(_ departure: Departure) {
        waiting.append(departure)
    }

    /// Those committed for long enough; asked often, it answers every `keptMs`.
    mutating func takeSettled(committedThrough: UInt64, nowMs: Int64) -> [Departure] {
        guard !waiting.isEmpty, nowMs - sinceMs >= Self.keptMs else { return [] }
        let end = waiting.firstIndex { $0.decision > self.committedThrough } ?? waiting.count
        let settled = Array(waiting[..<end])
        waiting.removeFirst(end)
        self.committedThrough = committedThrough
        sinceMs = nowMs
        return settled
    }
}
