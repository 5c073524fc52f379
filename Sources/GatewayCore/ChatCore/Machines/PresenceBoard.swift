import ChatModel

/// Everyone of one app who is online or in the grace period. Confined to the core thread.
struct PresenceBoard {
    struct Entry {
        var machine = PresenceMachine()
        /// Head of the user's sessions.
        var sessions = SessionTable.none
        /// The grace timer, while one runs.
        var timer: Int32 = -1
        /// As last known: shown when the user goes offline, whether or not the user is still cached.
        var record: UserRecord
        /// Unix seconds: when the user last came.
        var activeAt: Int64
        /// The user was deleted: nothing more is written of them.
        var isDeleted = false

        var count: Int {
            if case .online(let connections) = machine.state { Int(connections) } else { 0 }
        }
    }

    private var entries: [Int32: Entry] = [:]
    /// Moves whenever somebody comes or goes.
    private(set) var version: UInt64 = 0

    var count: Int { entries.count }

    subscript(_ user: Int32) -> Entry? {
        get { entries[user] }
        set {
            entries[user] = newValue
            version += 1
        }
    }

    /// Of a group's members, those in the board. Goes through the fewer of the two.
    func count(among members: MemberTable) -> Int {
        entries.count < members.count
            ? entries.keys.count { members.slot(of: $0) != nil }
            : members.members.count { entries[$0.handle] != nil }
    }

    func contains(_ user: Int32) -> Bool { entries[user] != nil }

    /// After a failure: no deletion that was not committed happened.
    mutating func restoreDeleted() {
        for index in entries.indices where entries.values[index].isDeleted { entries.values[index].isDeleted = false }
    }

    /// Changes the entry in place; nil when the user is offline.
    mutating func update<Result>(_ user: Int32, _ body: (inout Entry) -> Result) -> Result? {
        guard let index = entries.index(forKey: user) else { return nil }
        return body(&entries.values[index])
    }
}
