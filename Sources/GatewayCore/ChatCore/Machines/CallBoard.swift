import ChatModel

/// The active calls of one app, all in memory: by session, by user and by group. Confined to the core thread.
///
/// Each change names the decision that makes it true. Until that is settled the board remembers what stood before, so
/// that a failed commit is taken back exactly, and a call that just ended is still known to have been one.
struct CallBoard {
    struct Entry {
        var record: CallRecord
        /// What stood before each unsettled change (nil: nothing), oldest first.
        fileprivate var earlier: [(decision: UInt64, record: CallRecord?)] = []
        /// The timer of a ringing call; -1: none runs.
        var ringing: Int32 = -1
        /// Timers of participants who are not there.
        var absences: [UserID: Int32] = [:]
    }

    private var entries: [CallSessionID: Entry] = [:]
    /// 1:1 calls keep their users busy.
    private var busy: [UserID: CallSessionID] = [:]
    /// Group calls of a user: those ringing for them, and those they are in.
    private var joined: [UserID: [CallSessionID]] = [:]
    private var ofGroup: [GroupID: [CallSessionID]] = [:]
    /// Unsettled changes, in order.
    private var pending: [(decision: UInt64, session: CallSessionID)] = []
    /// Active ones.
    private(set) var count = 0

    subscript(_ session: CallSessionID) -> Entry? { entries[session] }

    var sessions: [CallSessionID] { Array(entries.keys) }

    /// The user's 1:1 call.
    func call(of user: UserID) -> CallRecord? {
        busy[user].flatMap { entries[$0]?.record }
    }

    func groupCallCount(of user: UserID) -> Int { joined[user]?.count ?? 0 }

    /// All that the user is in, or rings with.
    func sessions(of user: UserID) -> [CallSessionID] {
        (busy[user].map { [$0] } ?? []) + (joined[user] ?? [])
    }

    func sessions(of group: GroupID) -> [CallSessionID] { ofGroup[group] ?? [] }

    /// What the store held at the start.
    mutating func restore(_ record: CallRecord) {
        guard entries[record.session] == nil, record.status.isActive else { return }
        entries[record.session] = Entry(record: record)
        enter(record)
    }

    /// Where the call stands from this decision on.
    mutating func set(_ record: CallRecord, decision: UInt64) {
        let old = entries[record.session]?.record
        if let old { withdraw(old) }
        var entry = entries[record.session] ?? Entry(record: record)
        entry.record = record
        entry.earlier.append((decision, old))
        entries[record.session] = entry
        pending.append((decision, record.session))
        enter(record)
    }

    /// It never came to be. Gives the entry, whose timers are the caller's to cancel.
    mutating func remove(_ session: CallSessionID) -> Entry? {
        guard let entry = entries.removeValue(forKey: session) else { return nil }
        withdraw(entry.record)
        return entry
    }

    mutating func setTimer(_ timer: Int32, of session: CallSessionID) {
        entries[session]?.ringing = timer
    }

    mutating func setAbsence(_ timer: Int32?, of user: UserID, in session: CallSessionID) {
        entries[session]?.absences[user] = timer
    }

    /// Every decision up to this one is true for ever.
    mutating func settle(through decision: UInt64) {
        guard let first = pending.first, first.decision <= decision else { return }
        let settled = pending.prefix { $0.decision <= decision }
        for change in settled {
            entries[change.session]?.earlier.removeAll { $0.decision <= decision }
            if let entry = entries[change.session], entry.earlier.isEmpty, !entry.record.status.isActive {
                entries[change.session] = nil
            }
        }
        pending.removeFirst(settled.count)
    }

    /// No decision from this one on ever happened. Gives those that never came to be, whose timers are the caller's to
    /// cancel.
    mutating func revert(from decision: UInt64) -> [Entry] {
        var gone: [Entry] = []
        for change in pending.reversed() where change.decision >= decision {
            guard var entry = entries[change.session], let last = entry.earlier.popLast() else { continue }
            withdraw(entry.record)
            if let record = last.record {
                entry.record = record
                entries[change.session] = entry
                enter(record)
            } else {
                entries[change.session] = nil
                gone.append(entry)
            }
        }
        pending.removeAll { $0.decision >= decision }
        return gone
    }

    // MARK: Indexes

    private mutating func enter(_ record: CallRecord) {
        guard record.status.isActive else { return }
        count += 1
        switch record.facts.receiver {
        case .user:
            for user in record.users { busy[user] = record.session }
        case .group(let guid):
            for user in record.users { joined[user, default: []].append(record.session) }
            ofGroup[guid, default: []].append(record.session)
        }
    }

    private mutating func withdraw(_ record: CallRecord) {
        guard record.status.isActive else { return }
        count -= 1
        switch record.facts.receiver {
        case .user:
            for user in record.users where busy[user] == record.session { busy[user] = nil }
        case .group(let guid):
            for user in record.users { Self.drop(record.session, of: user, from: &joined) }
            Self.drop(record.session, of: guid, from: &ofGroup)
        }
    }

    private static func drop<Key: Hashable>(
        _ session: CallSessionID, of key: Key, from table: inout [Key: [CallSessionID]]
    ) {
        table[key]?.removeAll { $0 == session }
        if table[key]?.isEmpty == true { table[key] = nil }
    }
}
