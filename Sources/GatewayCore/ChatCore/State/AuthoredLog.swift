import ChatModel

/// Who wrote the newest messages of a conversation, ascending by id: the receipts' memory. Bounded.
struct AuthoredLog {
    private(set) var ids: [Int64] = []
    private(set) var authors: [UserID] = []
    private let countMax: Int

    init(countMax: Int, _ loaded: [LoadedConversation.Authored] = []) {
        self.countMax = countMax
        let kept = loaded.suffix(countMax)
        ids = kept.map(\.id)
        authors = kept.map(\.author)
    }

    mutating func append(_ id: Int64, author: UserID) {
        ids.append(id)
        authors.append(author)
        // Trimmed a quarter at a time, so that the shift costs nothing per message.
        guard ids.count >= countMax + max(countMax / 4, 1) else { return }
        ids.removeFirst(ids.count - countMax)
        authors.removeFirst(authors.count - countMax)
    }

    /// The log refused it as a duplicate: there is no such message.
    mutating func remove(_ id: Int64) {
        let index = firstIndex(above: id) - 1
        guard index >= 0, ids[index] == id else { return }
        ids.remove(at: index)
        authors.remove(at: index)
    }

    func author(of id: Int64) -> UserID? {
        let index = firstIndex(above: id) - 1
        return index >= 0 && ids[index] == id ? authors[index] : nil
    }

    /// The newest message up to `id` that somebody else wrote.
    func newest(atOrBelow id: Int64, notBy reader: UserID) -> (id: Int64, author: UserID)? {
        var index = firstIndex(above: id) - 1
        while index >= 0 {
            if authors[index] != reader { return (ids[index], authors[index]) }
            index -= 1
        }
        return nil
    }

    /// Index of the first message with an id above `id`; `ids.count` when there is none.
    func firstIndex(above id: Int64) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
