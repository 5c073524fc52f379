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
        // Counted once: there may be many who have blocked the user.
        var blockedCount = user.blocks.values.count(where: \.blockedByMe)
        for other in others {
            let failure: APIFailure?
            switch setBlock(user, uid, other, exists: exists, &blockedCount, turn) {
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
        guard let standing = standing(of: user, to: other, app) else { return }
        throw standing.blockedByMe ? .blockedReceiver(other) : .blockedSender(other)
    }

    /// nil: neither has blocked the other.
    func standing(of user: UserState, to other: UserID, _ app: AppContext) -> BlockStanding? {
        user.blocks.isEmpty ? nil : app.users.handle(of: other).flatMap { user.blocks[$0] }
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
        _ user: UserState, _ uid: UserID, _ otherUID: UserID, exists: Bool, _ blockedCount: inout Int, _ turn: Turn
    ) -> Result<BlockOutcome, APIFailure> {
        let app = turn.app
        guard otherUID != uid else { return exists ? .failure(.cannotBlockSelf) : .success(.unchanged) }
        guard let other = known(otherUID, app) else { return .failure(.unknown(user: otherUID)) }
        let before = user.blocks[other.handle] ?? .clear
        guard before.blockedByMe != exists else { return .success(.unchanged) }
        let blockedMax = app.rules.blockedPerUser
        if exists, blockedMax > 0, blockedCount >= blockedMax {
            return .failure(.limit("blockedPerUser", blockedMax))
        }
        blockedCount += exists ? 1 : -1
        change(user, towards: other.handle, app) { $0.blockedByMe = exists }
        change(other, towards: user.handle, app) { $0.hasBlockedMe = exists }
        touch(user, turn)
        touch(other, turn)
        if before.hasBlockedMe { return .success(.changed) }
        if exists {
            hideTyping(of: user, from: other, app)
            hideTyping(of: other, from: user, app)
        }
        return .success(.pairChanged)
    }

    /// A handle is held while there is a block, of whichever side.
    private func change(
        _ user: UserState, towards other: Int32, _ app: AppContext, _ body: (inout BlockStanding) -> Void
    ) {
        let before = user.blocks[other]
        var standing = before ?? .clear
        body(&standing)
        user.blocks[other] = standing == .clear ? nil : standing
        if before == nil, standing != .clear { app.users.retain(other) }
        if before != nil, standing == .clear { app.users.release(other) }
    }

    /// The user is deleted: cached others forget them, those who are not will not find them in the store.
    func dropBlocks(of user: UserState, _ turn: Turn) {
        let app = turn.app
        for handle in user.blocks.keys {
            if let other = app.users.entity(of: handle), other.blocks.removeValue(forKey: user.handle) != nil {
                app.users.release(user.handle)
                touch(other, turn)
            }
            app.users.release(handle)
        }
        user.blocks = [:]
    }

    /// Of a user who is being cached. A cached other knows of both sides, and may be ahead of what the store showed.
    func installBlocks(_ loaded: LoadedUser, _ user: UserState, _ app: AppContext) {
        for uid in loaded.blocks {
            if let other = app.users.entity(of: uid), other.blocks[user.handle]?.hasBlockedMe != true { continue }
            installBlock(uid, user, app) { $0.blockedByMe = true }
        }
        for uid in loaded.blockedBy {
            if let other = app.users.entity(of: uid), other.blocks[user.handle]?.blockedByMe != true { continue }
            installBlock(uid, user, app) { $0.hasBlockedMe = true }
        }
    }

    private func installBlock(
        _ uid: UserID, _ user: UserState, _ app: AppContext, _ body: (inout BlockStanding) -> Void
    ) {
        let handle = app.users.acquire(uid)
        change(user, towards: handle, app, body)
        app.users.release(handle)
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
