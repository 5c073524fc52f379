import ChatModel
import WireProtocol

/// Friends are mutual, and kept by the backend (protocol.md §8).
extension ChatCore {
    func setFriends(
        _ uid: UserID, _ others: [UserID], exists: Bool, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        try requireAdministration(turn)
        let user = try knownUser(uid, turn.app)
        var changes: [Change] = []
        var projections: [Projection] = []
        var results: [ReplyBody.UserResult] = []
        for other in others {
            let failure: APIFailure?
            switch befriend(user, uid, other, exists: exists, turn) {
            case .success(let moved):
                failure = nil
                guard moved else { break }
                changes.append(.friendship(uid, other, exists: exists))
                projections.append(.friendship(uid, other, exists: exists))
            case .failure(let refusal): failure = refusal
            }
            results.append(ReplyBody.UserResult(uid: other, failure: failure))
        }
        if !changes.isEmpty { add(&turn, changes, projections) }
        return .friends(results)
    }

    /// Whether it changed anything: being friends twice is no conflict.
    private func befriend(
        _ user: UserState, _ uid: UserID, _ otherUID: UserID, exists: Bool, _ turn: Turn
    ) -> Result<Bool, APIFailure> {
        let app = turn.app
        guard otherUID != uid else { return .failure(APIFailure(.badRequest, "Nobody is a friend of themself.")) }
        guard let other = known(otherUID, app) else { return .failure(.unknown(user: otherUID)) }
        let index = user.friends.firstIndex(of: other.handle)
        guard exists else {
            guard let index else { return .success(false) }
            user.friends.remove(at: index)
            app.users.release(other.handle)
            unfriend(other, user.handle, app)
            touch(user, turn)
            touch(other, turn)
            return .success(true)
        }
        guard index == nil else { return .success(false) }
        let friendsMax = app.rules.friendsPerUser
        if friendsMax > 0, max(user.friends.count, other.friends.count) >= friendsMax {
            return .failure(.limit("friendsPerUser", friendsMax))
        }
        user.friends.append(other.handle)
        app.users.retain(other.handle)
        other.friends.append(user.handle)
        app.users.retain(user.handle)
        touch(user, turn)
        touch(other, turn)
        return .success(true)
    }

    /// The user is deleted: cached friends forget them, others will not find them in the store.
    func dropFriends(of user: UserState, _ turn: Turn) {
        for handle in user.friends {
            if let friend = turn.app.users.entity(of: handle) {
                unfriend(friend, user.handle, turn.app)
                touch(friend, turn)
            }
            turn.app.users.release(handle)
        }
        user.friends = []
    }

    private func unfriend(_ user: UserState, _ friend: Int32, _ app: AppContext) {
        guard let index = user.friends.firstIndex(of: friend) else { return }
        user.friends.remove(at: index)
        app.users.release(friend)
    }
}
