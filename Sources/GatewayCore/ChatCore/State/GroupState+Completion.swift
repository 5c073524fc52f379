import ChatModel

/// Whose messages everybody has now.
extension GroupState {
    /// Per author the newest message that all other members have after a change and had not all before it, ascending.
    /// Only members are told. Joining never completes anything, so it is not asked here.
    func completed(
        _ before: ReceiptBoard.Floor, _ after: ReceiptBoard.Floor, handle: (UserID) -> Int32?
    ) -> [(id: Int64, author: UserID)] {
        // Where the lowest mark and its holder stay, only the holder's own messages can have been completed.
        let low =
            before.lowest == after.lowest && before.holder == after.holder
            ? before.second ?? before.lowest : before.lowest
        let high = after.second ?? after.lowest
        var found: [(id: Int64, author: UserID)] = []
        var index = latest.firstIndex(above: high) - 1
        while index >= 0, latest.ids[index] > low {
            let id = latest.ids[index]
            let author = latest.authors[index]
            index -= 1
            // Newest first: the first one of an author is the one to tell of.
            if found.contains(where: { $0.author == author }) { continue }
            guard let author = handle(author), members.slot(of: author) != nil,
                let now = after.without(author), let then = before.without(author), then < id, id <= now
            else { continue }
            found.append((id, latest.authors[index + 1]))
        }
        return found.reversed()
    }

    /// The stored mark of what everybody has; never goes back.
    func raiseToAll(_ kind: ReceiptKind, to id: Int64) -> Int64 {
        switch kind {
        case .delivered:
            deliveredToAll = max(deliveredToAll, id)
            return deliveredToAll
        case .read:
            readByAll = max(readByAll, id)
            return readByAll
        }
    }
}
