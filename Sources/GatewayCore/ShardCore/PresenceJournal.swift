internal import ChatModel
internal import WireProtocol

/// Who came and who went in one app, for the subscribers of everybody: each user's latest state once, in the order of
/// their latest changes. A subscriber is a cursor; who lags skips the states between, never the last.
///
/// Kept only as far back as the slowest cursor, and not at all without subscribers.
struct PresenceJournal {
    private struct Entry {
        let version: UInt64
        let uid: UserID
        /// nil: the user changed again later.
        var frame: SharedFrame?
    }

    private var entries: ContiguousArray<Entry> = []
    /// Entries before this one are gone.
    private var first = 0
    private var latest: [UserID: UInt64] = [:]
    /// The version the next change gets, and a new subscriber's cursor.
    private(set) var head: UInt64 = 0

    /// Users whose state is kept.
    var count: Int { latest.count }

    mutating func record(_ uid: UserID, _ frame: SharedFrame) {
        if let before = latest[uid], let index = find(before) { entries[index].frame = nil }
        entries.append(Entry(version: head, uid: uid, frame: frame))
        latest[uid] = head
        head += 1
        if entries.count > 2 * latest.count + 1_024 { compact() }
    }

    /// Hands out at most `budget` states from `cursor` on, except `uid`'s own; moves the cursor past them.
    func read(from cursor: inout UInt64, except uid: UserID, budget: Int, _ body: (UserID, SharedFrame) -> Void) {
        var left = budget
        var index = lowerBound(cursor)
        while index < entries.count {
            if let frame = entries[index].frame, entries[index].uid != uid {
                if left == 0 { break }
                body(entries[index].uid, frame)
                left -= 1
            }
            index += 1
        }
        cursor = index < entries.count ? entries[index].version : head
    }

    /// Forgets what every cursor has passed.
    mutating func trim(before version: UInt64) {
        let end = lowerBound(version)
        for index in first..<max(first, end) where entries[index].frame != nil {
            latest[entries[index].uid] = nil
            entries[index].frame = nil
        }
        first = max(first, end)
        if first == entries.count {
            entries.removeAll(keepingCapacity: entries.capacity <= 4_096)
            first = 0
        } else if first > 1_024, first > entries.count / 2 {
            compact()
        }
    }

    private mutating func compact() {
        entries.removeAll { $0.frame == nil }
        first = 0
    }

    /// The first entry of that version or a later one.
    private func lowerBound(_ version: UInt64) -> Int {
        var (low, high) = (first, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].version < version { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func find(_ version: UInt64) -> Int? {
        let index = lowerBound(version)
        return index < entries.count && entries[index].version == version ? index : nil
    }
}
