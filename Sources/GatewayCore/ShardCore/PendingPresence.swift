internal import ChatModel
internal import WireProtocol

/// Presence that a connection may not have yet (background, replay, a full queue): each user's latest state, in the order
/// in which they first changed. Only for subscribers of friends and roles; those of everybody have the journal.
final class PendingPresence {
    private var latest: [UserID: SharedFrame] = [:]
    private var order: [UserID] = []
    private var first = 0

    var isEmpty: Bool { latest.isEmpty }

    /// False when the bound dropped the longest waiting state.
    func store(_ uid: UserID, _ frame: SharedFrame, max: Int) -> Bool {
        if latest.updateValue(frame, forKey: uid) != nil { return true }
        order.append(uid)
        if latest.count <= max { return true }
        _ = popFirst()
        return false
    }

    func popFirst() -> (UserID, SharedFrame)? {
        guard first < order.count else { return nil }
        let uid = order[first]
        guard let frame = latest.removeValue(forKey: uid) else { preconditionFailure("who is in order has a state") }
        first += 1
        if first > 64, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
        return (uid, frame)
    }
}
