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
    private struct Key: Hashable {
        let app: AppNumber
        let user: UserID
    }

    private struct State {
        var known: [Key: LastActive] = [:]
        var online: [AppNumber: Int] = [:]

        mutating func set(_ key: Key, _ value: LastActive?) {
            let before = known[key]
            known[key] = value
            let change = (value?.isOnline == true ? 1 : 0) - (before?.isOnline == true ? 1 : 0)
            if change != 0 { online[key.app, default: 0] += change }
        }
    }

    private final class Shard: Sendable {
        let state = Mutex(State())
    }

    private static let shardCount = 64
    private let shards: [Shard]

    public init() {
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// Of a user who is online or has just left; nil: offline, the store knows the last time.
    public func lastActive(_ app: AppNumber, _ user: UserID) -> LastActive? {
        let key = Key(app: app, user: user)
        return shard(of: key).state.withLock { $0.known[key] }
    }

    public func isOnline(_ app: AppNumber, _ user: UserID) -> Bool {
        lastActive(app, user)?.isOnline ?? false
    }

    /// All who are online in the app, in no order. O(everyone online); for lists that filter by status.
    public func onlineUsers(_ app: AppNumber) -> [UserID] {
        var users: [UserID] = []
        for shard in shards {
            shard.state.withLock { state in
                for (key, value) in state.known where key.app == app && value.isOnline { users.append(key.user) }
            }
        }
        return users
    }

    public func onlineCount(_ app: AppNumber) -> Int {
        shards.reduce(0) { sum, shard in sum + shard.state.withLock { $0.online[app] ?? 0 } }
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
        let key = Key(app: app, user: user)
        shard(of: key).state.withLock { state in
            if state.known[key]?.isOnline == false { state.known[key] = nil }
        }
    }

    private func write(_ app: AppNumber, _ user: UserID, _ value: LastActive?) {
        let key = Key(app: app, user: user)
        shard(of: key).state.withLock { $0.set(key, value) }
    }

    private func shard(of key: Key) -> Shard {
        shards[Int(UInt(bitPattern: key.hashValue) % UInt(Self.shardCount))]
    }
}
