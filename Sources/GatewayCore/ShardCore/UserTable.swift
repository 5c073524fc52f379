internal import ChatModel

/// The users of one app with authenticated connections on this shard, interned to small numbers.
///
/// A user's sessions are a ring-less doubly linked list through the session slab: the head is here, the links there.
struct UserTable {
    struct Entry {
        var uid: UserID
        /// Slot of the first session; `noSlot`: the entry is free.
        var firstSession: UInt32
        /// Sessions that follow the user's friends.
        var friendFollowers: UInt32 = 0
    }

    private(set) var entries: ContiguousArray<Entry> = []
    private var free: [UInt32] = []
    private var byID: [UserID: UInt32] = [:]

    var count: Int { byID.count }

    func find(_ uid: UserID) -> UInt32? { byID[uid] }

    subscript(_ number: UInt32) -> Entry {
        _read { yield entries[Int(number)] }
        _modify { yield &entries[Int(number)] }
    }

    /// The user's number, made when there is none.
    mutating func intern(_ uid: UserID) -> UInt32 {
        if let known = byID[uid] { return known }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
            entries[Int(number)] = Entry(uid: uid, firstSession: noSlot)
        } else {
            number = UInt32(entries.count)
            entries.append(Entry(uid: uid, firstSession: noSlot))
        }
        byID[uid] = number
        return number
    }

    /// The user has no session any more.
    mutating func release(_ number: UInt32) {
        precondition(entries[Int(number)].firstSession == noSlot, "a user with sessions is kept")
        byID[entries[Int(number)].uid] = nil
        free.append(number)
    }
}

/// No slot, no number, no index.
let noSlot = UInt32.max
