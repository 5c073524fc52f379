internal import ChatModel
internal import GRDB

/// The writer's way from names to row ids; makes the rows it does not find. Confined to the writer's connection.
final class NameTable {
    /// Names remembered per kind; past it the memory of that kind starts anew.
    private static let rememberedMax = 100_000

    private struct Name: Hashable {
        let app: Int32
        let text: String
    }

    private struct Pair: Hashable {
        let first: Int64
        let second: Int64
    }

    private var users: [Name: Int64] = [:]
    private var groups: [Name: Int64] = [:]
    private var pairs: [Pair: Int64] = [:]
    private let findUser, insertUser, findPair, insertPair, findGroup, insertGroup: Prepared

    init(_ database: Database) throws {
        findUser = try Prepared(database, "SELECT id FROM uids WHERE app = ? AND uid = ?")
        insertUser = try Prepared(database, "INSERT INTO uids (app, uid) VALUES (?, ?) RETURNING id")
        findPair = try Prepared(database, "SELECT id FROM conversations WHERE first = ? AND second = ?")
        insertPair = try Prepared(
            database, "INSERT INTO conversations (first, second, app) VALUES (?, ?, ?) RETURNING id")
        findGroup = try Prepared(database, "SELECT id FROM conversations WHERE app = ? AND guid = ?")
        insertGroup = try Prepared(database, "INSERT INTO conversations (app, guid) VALUES (?, ?) RETURNING id")
    }

    func user(_ app: AppNumber, _ uid: UserID) throws -> Int64 {
        if let known = try knownUser(app, uid) { return known }
        let name = Name(app: app.raw, text: uid.text)
        return try remember(try Self.row(insertUser, name), name, in: &users)
    }

    /// nil: nobody has spoken of this uid yet.
    func knownUser(_ app: AppNumber, _ uid: UserID) throws -> Int64? {
        let name = Name(app: app.raw, text: uid.text)
        if let known = users[name] { return known }
        return try Self.row(findUser, name).map { remember($0, name, in: &users) }
    }

    func group(_ app: AppNumber, _ guid: GroupID) throws -> Int64 {
        if let known = try knownGroup(app, guid) { return known }
        let name = Name(app: app.raw, text: guid.text)
        return try remember(try Self.row(insertGroup, name), name, in: &groups)
    }

    func knownGroup(_ app: AppNumber, _ guid: GroupID) throws -> Int64? {
        let name = Name(app: app.raw, text: guid.text)
        if let known = groups[name] { return known }
        return try Self.row(findGroup, name).map { remember($0, name, in: &groups) }
    }

    /// The row of a deleted group has lost its name.
    func forgetGroup(_ app: AppNumber, _ guid: GroupID) {
        groups[Name(app: app.raw, text: guid.text)] = nil
    }

    /// The conversation of two users, given in any order.
    func pair(_ app: AppNumber, _ one: Int64, _ other: Int64) throws -> Int64 {
        let pair = Pair(first: min(one, other), second: max(one, other))
        if let known = pairs[pair] { return known }
        findPair.bind(1, pair.first)
        findPair.bind(2, pair.second)
        if let id = try findPair.first({ $0.int(0) }) { return remember(id, pair, in: &pairs) }
        insertPair.bind(1, pair.first)
        insertPair.bind(2, pair.second)
        insertPair.bind(3, Int64(app.raw))
        return try remember(try insertPair.first { $0.int(0) }, pair, in: &pairs)
    }

    func conversation(_ app: AppNumber, _ conversation: Conversation) throws -> Int64 {
        switch conversation {
        case .pair(let first, let second): try pair(app, user(app, first), user(app, second))
        case .group(let guid): try group(app, guid)
        }
    }

    private static func row(_ statement: Prepared, _ name: Name) throws -> Int64? {
        statement.bind(1, Int64(name.app))
        statement.bind(2, name.text)
        return try statement.first { $0.int(0) }
    }

    private func remember<Key: Hashable>(_ id: Int64, _ key: Key, in table: inout [Key: Int64]) -> Int64 {
        if table.count >= Self.rememberedMax { table.removeAll(keepingCapacity: true) }
        table[key] = id
        return id
    }

    private func remember<Key: Hashable>(_ id: Int64?, _ key: Key, in table: inout [Key: Int64]) throws -> Int64 {
        guard let id else { throw DatabaseError(message: "an insert gave no id") }
        return remember(id, key, in: &table)
    }
}
