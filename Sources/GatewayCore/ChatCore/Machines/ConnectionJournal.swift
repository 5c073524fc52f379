import ChatModel
import DequeModule

/// Connection events that were decided and are not known to be on disk: after a failed transaction they are decided
/// again, as what they tell of did happen. Confined to the core thread.
///
/// Holds at most `eventsMax`; while the store stays away for longer than that lasts, the oldest are lost, and counted.
struct ConnectionJournal {
    struct Entry: Equatable {
        let app: AppNumber
        let event: ConnectionEvent
    }

    static let eventsMax = 65_536

    private let eventsMax: Int
    private var entries: Deque<(decision: UInt64, entry: Entry)> = []
    private(set) var lost = 0

    init(eventsMax: Int = ConnectionJournal.eventsMax) {
        self.eventsMax = eventsMax
    }

    var count: Int { entries.count }

    /// `decision`: its number; never less than that of the entry before.
    mutating func append(_ event: ConnectionEvent, of app: AppNumber, decision: UInt64) {
        if entries.count == eventsMax {
            entries.removeFirst()
            lost += 1
        }
        entries.append((decision, Entry(app: app, event: event)))
    }

    /// All decisions up to this one are on disk.
    mutating func settle(through decision: UInt64) {
        while let first = entries.first, first.decision <= decision { entries.removeFirst() }
    }

    /// Empties the journal, and gives what was decided from this decision on.
    mutating func take(from decision: UInt64) -> [Entry] {
        defer { entries.removeAll(keepingCapacity: false) }
        return entries.lazy.filter { $0.decision >= decision }.map(\.entry)
    }
}
