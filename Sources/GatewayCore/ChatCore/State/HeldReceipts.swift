import ChatModel

/// Receipts of one large group between two ticks: at most one of each kind per reader, the highest. Confined to the core
/// thread.
///
/// They are judged when they come and become marks with the tick, so a thousand readers cost one decision. Bounded by
/// the members, as only theirs are held.
struct HeldReceipts {
    struct Receipt {
        let messageID: Int64
        let author: UserID
    }

    struct Entry {
        /// The reader as they were when they last sent one.
        var reader: UserView
        var origin: Origin?
        var delivered: Receipt?
        var read: Receipt?
    }

    private var places: [UserID: Int] = [:]
    /// In the order of each reader's first receipt.
    private(set) var entries: [Entry] = []
    /// Number of the decision that the last tick made of them; the next one waits until it is settled.
    var lastDecision: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }

    /// The receipt that stands for the reader already, if it is not below this one.
    mutating func hold(_ kind: ReceiptKind, _ receipt: Receipt, by reader: UserView, _ origin: Origin?) {
        let place: Int
        if let known = places[reader.record.uid] {
            place = known
        } else {
            place = entries.count
            places[reader.record.uid] = place
            entries.append(Entry(reader: reader))
        }
        entries[place].reader = reader
        entries[place].origin = origin
        switch kind {
        case .delivered: entries[place].delivered = Self.higher(entries[place].delivered, receipt)
        case .read: entries[place].read = Self.higher(entries[place].read, receipt)
        }
    }

    /// Takes the oldest ones out.
    mutating func take(_ count: Int) -> ArraySlice<Entry> {
        let taken = entries.prefix(count)
        entries.removeFirst(taken.count)
        places.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() { places[entry.reader.record.uid] = place }
        return taken
    }

    private static func higher(_ known: Receipt?, _ new: Receipt) -> Receipt {
        guard let known, known.messageID >= new.messageID else { return new }
        return known
    }
}
