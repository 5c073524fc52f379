public import ChatModel
import Synchronization

/// Who is online now, for everyone who does not live on the core thread: REST reads, the encoder. Any thread reads; only
/// the core writes.
///
/// Who has just left is kept until the store is sure to show when that was, so that no reader sees an older time.
///
/// Split by the hash of the user, so that walking all who are online never holds the core up for long. No lock is held
/// while another is taken.
public final class PresenceTable: Sendable {
    /// One app's users of a shard.
    private struct Users {
        /// `LastActive.at` of who is online; its complement, which is negative, of who has just left.
        private var times: [UserID: Int64] = [:]
        private(set) var onlineCount = 0

        subscript(_ user: UserID) -> LastActive? {
            get { times[user].map(Self.decoded) }
            set {
                let before = times[user]
                times[user] = newValue.map { $0.isOnline ? $0.at : ~$0.at }
                onlineCount += (newValue?.isOnline == true ? 1 : 0) - (before.map { $0 >= 0 } == true ? 1 : 0)
            }
        }

        func appendOnline(to users: inout [UserID]) {
            for (user, time) in times where time >= 0 { users.append(user) }
        }

        private static func decoded(_ time: Int64) -> LastActive {
            time >= 0 ? LastActive(isOnline: true, at: time) : LastActive(isOnline: false, at: ~time)
        }
    }

    private final class Shard: Sendable {
        let users = Mutex<[AppNumber: Users]>([:])
    }

    private static let shardCount = 64
    private let shards: [Shard]

    public init() {
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// Of a user who is online or has just left; nil: offline, the store knows the last time.
    public func lastActive(_ app: AppNumber, _ user: UserID) -> LastActive? {
        shard(of: user).users.withLock { $0[app]?[user] }
    }

    public func isOnline(_ app: AppNumber, _ user: UserID) -> Bool {
        lastActive(app, user)?.isOnline ?? false
    }

    /// All who are online in the app, in no order. O(everyone online); for lists that filter by status.
    public func onlineUsers(_ app: AppNumber) -> [UserID] {
        var users: [UserID] = []
        for shard in shards { shard.users.withLock { $0[app]?.appendOnline(to: &users) } }
        return users
    }

    public func onlineCount(_ app: AppNumber) -> Int {
        shards.reduce(0) { sum, shard in sum + shard.users.withLock { $0[app]?.onlineCount ?? 0 } }
    }

    // MARK: Core thread only

    /// `lastActiveAt`, Unix seconds: the user is online; nil: offline, and the store knows, or there is no such user.
    func set(_ app: AppNumber, _ user: UserID, lastActiveAt: Int64?) {
        write(app, user, lastActiveAt.map { LastActive(isOnline: true, at: $0) })
    }

    /// The user went offline; the store is about to learn when they were active last.
    func leave(_ app: AppNumber, _ user: UserID, lastActiveAt: Int64) {
        write(app, user, LastActive(isOnline: false, at: lastActiveAt))
    }

    /// The store has learned it. A user who came back meanwhile is online all the same.
    func settle(_ app: AppNumber, _ user: UserID) {
        shard(of: user).users.withLock { users in
            if users[app]?[user]?.isOnline == false { users[app]?[user] = nil }
        }
    }

    private func write(_ app: AppNumber, _ user: UserID, _ value: LastActive?) {
        shard(of: user).users.withLock { $0[app, default: Users()][user] = value }
    }

    private func shard(of user: UserID) -> Shard {
        shards[Int(UInt(bitPattern: user.hashValue) % UInt(Self.shardCount))]
    }
}
