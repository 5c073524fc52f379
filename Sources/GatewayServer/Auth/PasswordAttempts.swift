internal import ChatModel
internal import Synchronization

/// How many group passwords one user may still have derived. Any thread.
///
/// An attempt is taken before it costs anything, and given back when it was right; what is spent comes back evenly over a
/// minute. So neither guessing nor the work it makes is for free, and the table holds no more users than there can be
/// derivations in a minute, `usersMax` at most.
final class PasswordAttempts: Sendable {
    static let usersMax = 65_536

    private struct Key: Hashable {
        let app: AppNumber
        let uid: UserID
    }

    private struct Entry {
        var spent: Double
        var atMs: Int64
    }

    private let table = Mutex<[Key: Entry]>([:])

    /// nil: taken. Else the milliseconds until there is one again. `perMinute` 0: no limit.
    func take(_ app: AppNumber, _ uid: UserID, perMinute: Int, nowMs: Int64) -> Int? {
        guard perMinute > 0 else { return nil }
        return table.withLock { table in
            let key = Key(app: app, uid: uid)
            if table.count >= Self.usersMax, table[key] == nil {
                table = table.filter { Self.spent($0.value, perMinute, nowMs) > 0 }
                guard table.count < Self.usersMax else { return 60_000 / perMinute }
            }
            let spent = table[key].map { Self.spent($0, perMinute, nowMs) } ?? 0
            guard spent + 1 <= Double(perMinute) else {
                return Int(((spent + 1 - Double(perMinute)) * 60_000 / Double(perMinute)).rounded(.up))
            }
            table[key] = Entry(spent: spent + 1, atMs: nowMs)
            return nil
        }
    }

    func giveBack(_ app: AppNumber, _ uid: UserID) {
        table.withLock { table in
            let key = Key(app: app, uid: uid)
            guard var entry = table[key] else { return }
            entry.spent -= 1
            table[key] = entry.spent > 0 ? entry : nil
        }
    }

    /// Users with something spent; for tests.
    var count: Int { table.withLock { $0.count } }

    private static func spent(_ entry: Entry, _ perMinute: Int, _ nowMs: Int64) -> Double {
        max(0, entry.spent - Double(nowMs - entry.atMs) * Double(perMinute) / 60_000)
    }
}
