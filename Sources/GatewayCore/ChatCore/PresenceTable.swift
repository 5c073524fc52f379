public import ChatModel
import Synchronization

/// Who is online now, for everyone who does not live on the core thread: REST reads, the encoder. Any thread reads; only
/// the core writes.
///
/// Split by the hash of the user, so that walking all who are online never holds the core up for long. No lock is held
/// while another is taken.
public final class PresenceTable: Sendable {
    private struct Key: Hashable {
        let app: AppNumber
        let user: UserID
    }

    private final class Shard: Sendable {
        /// Value: `lastActiveAt` of the user, Unix seconds.
        let online = Mutex<[Key: Int64]>([:])
    }

    private static let shardCount = 64
    private let shards: [Shard]

    public init() {
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// `lastActiveAt` (Unix seconds) of a user who is online; nil: offline, the store knows the last time.
    public func lastActive(_ app: AppNumber, _ user: UserID) -> Int64? {
        let key = Key(app: app, user: user)
        return shard(of: key).online.withLock { $0[key] }
    }

    public func isOnline(_ app: AppNumber, _ user: UserID) -> Bool {
        lastActive(app, user) != nil
    }

    /// All who are online in the app, in no order. O(everyone online); for lists that filter by status.
    public func onlineUsers(_ app: AppNumber) -> [UserID] {
        var users: [UserID] = []
        for shard in shards {
            shard.online.withLock { table in
                for key in table.keys where key.app == app { users.append(key.user) }
            }
        }
        return users
    }

    public func onlineCount(_ app: AppNumber) -> Int {
        shards.reduce(0) { sum, shard in
            sum + shard.online.withLock { table in table.keys.count { $0.app == app } }
        }
    }

    /// Core thread only.
    func set(_ app: AppNumber, _ user: UserID, lastActiveAt: Int64?) {
        let key = Key(app: app, user: user)
        shard(of: key).online.withLock { $0[key] = lastActiveAt }
    }

    private func shard(of key: Key) -> Shard {
        shards[Int(UInt(bitPattern: key.hashValue) % UInt(Self.shardCount))]
    }
}
