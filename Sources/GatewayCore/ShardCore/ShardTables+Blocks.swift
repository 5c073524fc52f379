internal import ChatModel

/// Who hears nothing of whom (protocol.md §6.3): presence, and typing in groups. Everything else between a blocked pair
/// the core refuses.
extension ShardTables {
    /// A session of the user has begun here. What is known of the user's first one is kept up by the walk.
    mutating func enter(blocked: [UserID], of user: UInt32, app: Int) {
        guard !blocked.isEmpty, apps[app].blocked.seatCount(user) == 0 else { return }
        apps[app].blocked.reserve(user, blocked.count)
        for uid in blocked { apps[app].blocked.join(uid, user) }
    }

    mutating func setBlocked(_ one: UserID, _ other: UserID, _ isBlocked: Bool, app: Int) {
        for (uid, about) in [(one, other), (other, one)] {
            guard let user = apps[app].users.find(uid) else { continue }
            if isBlocked { apps[app].blocked.join(about, user) } else { apps[app].blocked.leave(about, user) }
        }
    }

    /// The audience that hears nothing of `uid`; nil for nearly everybody, and then nothing more is asked.
    func deaf(to uid: UserID, app: Int) -> Int? {
        apps[app].blocked.find(uid)
    }

    /// Whether the user is in that audience.
    func isDeaf(_ user: UInt32, in audience: Int?, app: Int) -> Bool {
        guard let audience, apps[app].blocked.seatCount(user) > 0 else { return false }
        return apps[app].blocked.contains(audience, user)
    }
}
