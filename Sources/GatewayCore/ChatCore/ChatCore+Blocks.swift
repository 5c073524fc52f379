import ChatModel
import WireProtocol

/// Blocks (protocol.md §6.3): one user's decision, that holds in both directions.
///
/// | between the two, whoever blocked         | is                                                             |
/// |------------------------------------------|----------------------------------------------------------------|
/// | 1:1 messages, calls, transient events    | refused: `refuseBlocked`                                       |
/// | 1:1 typing                               | dropped here                                                   |
/// | presence, typing in groups               | not delivered by the shards, which are told of each such pair  |
/// | messages and transient events in groups  | delivered as to everyone                                       |
extension ChatCore {
    func setBlocks(_ others: [UserID], exists: Bool, _ turn: inout Turn) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        let uid = turn.app.users.id(of: user.handle)
        guard !exists || others != [uid] else { throw .cannotBlockSelf }
        var changes: [Change] = []
        var projections: [Projection] = []
        var results: [ReplyBody.UserResult] = []
        for other in others {
            let failure: APIFailure?
            switch setBlock(user, uid, other, exists: exists, turn) {
            case .success(let outcome):
                failure = nil
                if outcome != .unchanged { changes.append(.block(uid, blocked: other, exists: exists)) }
                if outcome == .pairChanged { projections.append(.blocked(uid, other, isBlocked: exists)) }
            case .failure(let refusal): failure = refusal
            }
            results.append(ReplyBody.UserResult(uid: other, failure: failure))
        }
        if !changes.isEmpty { add(&turn, changes, projections) }
        return .blocks(results)
    }

    /// Between these two nothing passes: 403, told apart by who of them blocked. For 1:1 messages, calls, transient events.
    func refuseBlocked(_ user: UserState, _ other: UserID, _ app: AppContext) throws(APIFailure) {
        guard let handle = app.users.handle(of: other) else { return }
        if user.blocks.contains(handle) { throw .blockedReceiver(other) }
        if user.blockedBy.contains(handle) { throw .blockedSender(other) }
    }

    func isBlocked(_ user: UserState, _ other: UserID, _ app: AppContext) -> Bool {
        guard let handle = app.users.handle(of: other) else { return false }
        return user.blocks.contains(handle) || user.blockedBy.contains(handle)
    }

    private enum BlockOutcome {
        case unchanged
        /// The other has blocked as well, so the pair is as it was.
        case changed
        /// It was the first block between the two, or the last.
        case pairChanged
    }

    /// To block twice, or to unblock who is not blocked, is no error.
    private func setBlock(
        _ user: UserState, _ uid: UserID, _ otherUID: UserID, exists: Bool, _ turn: Turn
    ) -> Result<BlockOutcome, APIFailure> {
        let app = turn.app
        guard otherUID != uid else { return exists ? .failure(.cannotBlockSelf) : .success(.unchanged) }
        guard let other = known(otherUID, app) else { return .failure(.unknown(user: otherUID)) }
        guard user.blocks.contains(other.handle) != exists else { return .success(.unchanged) }
        if exists {
            let blockedMax = app.rules.blockedPerUser
            if blockedMax > 0, user.blocks.count >= blockedMax {
                return .failure(.limit("blockedPerUser", blockedMax))
            }
            user.blocks.insert(other.handle)
            app.users.retain(other.handle)
            other.blockedBy.insert(user.handle)
            app.users.retain(user.handle)
        } else {
            user.blocks.remove(other.handle)
            app.users.release(other.handle)
            other.blockedBy.remove(user.handle)
            app.users.release(user.handle)
        }
        touch(user, turn)
        touch(other, turn)
        if user.blockedBy.contains(other.handle) { return .success(.changed) }
        if exists {
            hideTyping(of: user, from: other, app)
            hideTyping(of: other, from: user, app)
        }
        return .success(.pairChanged)
    }

    /// The user is deleted: cached others forget them, those who are not will not find them in the store.
    func dropBlocks(of user: UserState, _ turn: Turn) {
        let app = turn.app
        for handle in user.blocks {
            if let other = app.users.entity(of: handle), other.blockedBy.remove(user.handle) != nil {
                app.users.release(user.handle)
                touch(other, turn)
            }
            app.users.release(handle)
        }
        for handle in user.blockedBy {
            if let other = app.users.entity(of: handle), other.blocks.remove(user.handle) != nil {
                app.users.release(user.handle)
                touch(other, turn)
            }
            app.users.release(handle)
        }
        user.blocks = []
        user.blockedBy = []
    }

    /// Of a user who is being cached. A cached other knows of both sides, and may be ahead of what the store showed.
    func installBlocks(_ loaded: LoadedUser, _ user: UserState, _ app: AppContext) {
        for uid in loaded.blocks {
            if let other = app.users.entity(of: uid), !other.blockedBy.contains(user.handle) { continue }
            user.blocks.insert(app.users.acquire(uid))
        }
        for uid in loaded.blockedBy {
            if let other = app.users.entity(of: uid), !other.blocks.contains(user.handle) { continue }
            user.blockedBy.insert(app.users.acquire(uid))
        }
    }
}

extension APIFailure {
    fileprivate static let cannotBlockSelf = APIFailure(.cannotBlockSelf, "Nobody blocks themself.")

    fileprivate static func blockedReceiver(_ uid: UserID) -> APIFailure {
        APIFailure(.blockedReceiver, "You have blocked the user \(uid.text).")
    }

    fileprivate static func blockedSender(_ uid: UserID) -> APIFailure {
        APIFailure(.blockedSender, "The user \(uid.text) has blocked you.")
    }
}
