import ChatModel

/// The receipts of a cached 1:1 conversation. Confined to the core thread.
final class PairState {
    /// A receipt usually names one of the newest messages; an older one is looked up in the store.
    static let latestMax = 32

    struct Key: Hashable {
        let first: UserID
        let second: UserID

        init(first: UserID, second: UserID) {
            self.first = first
            self.second = second
        }

        /// Of two parties in any order.
        init(_ a: UserID, _ b: UserID) {
            self = a < b ? Self(first: a, second: b) : Self(first: b, second: a)
        }
    }

    struct Marks {
        var delivered: Int64 = 0
        var read: Int64 = 0
    }

    let key: Key
    let slot: Int32
    var first = Marks()
    var second = Marks()
    var latest: AuthoredLog
    /// Of those who set their reading back: the position they stand at, below their `read` mark.
    var readPointers: [UserID: Int64] = [:]

    init(key: Key, slot: Int32, _ loaded: LoadedConversation) {
        self.key = key
        self.slot = slot
        latest = AuthoredLog(countMax: Self.latestMax, loaded.latest)
        for mark in loaded.marks {
            guard let reader = mark.reader else { continue }
            raise(mark.kind, reader, to: mark.messageID)
        }
        for pointer in loaded.readPointers { readPointers[pointer.reader] = pointer.messageID }
    }

    var cost: Int { 256 + latest.ids.count * 24 }

    func mark(_ kind: ReceiptKind, _ reader: UserID) -> Int64 {
        let marks = reader == key.first ? first : second
        return kind == .read ? marks.read : marks.delivered
    }

    func raise(_ kind: ReceiptKind, _ reader: UserID, to id: Int64) {
        switch (kind, reader == key.first) {
        case (.delivered, true): first.delivered = max(first.delivered, id)
        case (.delivered, false): second.delivered = max(second.delivered, id)
        case (.read, true): first.read = max(first.read, id)
        case (.read, false): second.read = max(second.read, id)
        }
    }
}
