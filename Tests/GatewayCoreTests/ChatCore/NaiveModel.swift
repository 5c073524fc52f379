import ChatModel

@testable import GatewayCore

/// The rules of presence, typing and receipts once more, as plainly as they can be said: sets, lists and full scans.
struct NaiveModel {
    struct Message {
        let id: Int64
        let author: String
    }

    struct Typing: Hashable {
        let typist: String
        let target: String
    }

    static let graceMs: Int64 = 15_000
    static let typingMs: Int64 = 30_000

    var nowMs: Int64 = 0
    var connections: [UInt64: String] = [:]
    var background: Set<UInt64> = []
    var grace: [String: Int64] = [:]
    var typing: [Typing: (connection: UInt64, until: Int64)] = [:]
    /// Member → position of joining.
    var members: [String: [String: Int64]] = [:]
    var banned: [String: Set<String>] = [:]
    var messages: [String: [Message]] = [:]
    var marks: [String: [String: [ReceiptKind: Int64]]] = [:]

    func isOnline(_ user: String) -> Bool { connections.values.contains(user) || grace[user] != nil }

    mutating func connect(_ user: String, _ connection: UInt64) -> [String] {
        let wasOnline = isOnline(user)
        connections[connection] = user
        grace[user] = nil
        return wasOnline ? [] : ["online \(user)"]
    }

    mutating func disconnect(_ connection: UInt64) -> [String] {
        guard let user = connections.removeValue(forKey: connection) else { return [] }
        background.remove(connection)
        let heard = endTyping { $1.connection == connection }
        if !connections.values.contains(user) { grace[user] = nowMs + Self.graceMs }
        return heard
    }

    mutating func setBackground(_ connection: UInt64, _ on: Bool) -> [String] {
        guard on else {
            background.remove(connection)
            return []
        }
        background.insert(connection)
        return endTyping { $1.connection == connection }
    }

    mutating func startTyping(_ connection: UInt64, _ target: String) -> [String] {
        guard let user = connections[connection], !background.contains(connection) else { return [] }
        if let members = members[target] {
            guard members[user] != nil else { return [] }
        } else {
            guard connections.values.contains(target) else { return [] }
        }
        typing[Typing(typist: user, target: target)] = (connection, nowMs + Self.typingMs)
        return ["started \(user)->\(shown(target))"]
    }

    mutating func stopTyping(_ connection: UInt64, _ target: String) -> [String] {
        guard let user = connections[connection] else { return [] }
        return endTyping { key, _ in key.typist == user && key.target == target }
    }

    mutating func sent(_ user: String, _ target: String, _ id: Int64) -> [String] {
        messages[conversation(user, target), default: []].append(Message(id: id, author: user))
        return endTyping { key, _ in key.typist == user && key.target == target }
    }

    mutating func joined(_ user: String, _ group: String, _ position: Int64) {
        members[group]?[user] = position
        marks[group]?[user] = nil
    }

    /// Typing ends, and receipts that the leaving completed.
    mutating func left(_ user: String, _ group: String) -> (heard: [String], receipts: [String]) {
        let heard = endTyping { key, _ in key.typist == user && key.target == group }
        let before = completed(group)
        members[group]?[user] = nil
        return (heard, news(group, before, completed(group)))
    }

    mutating func receipt(_ kind: ReceiptKind, _ reader: String, _ target: String, _ id: Int64) -> [String] {
        let conversation = conversation(reader, target)
        guard members[target] == nil || members[target]?[reader] != nil else { return [] }
        guard id > mark(kind, reader, conversation) else { return [] }
        let all = messages[conversation] ?? []
        guard all.contains(where: { $0.id == id }),
            let named = all.last(where: { $0.id <= id && $0.author != reader }),
            named.id > mark(kind, reader, conversation)
        else { return [] }
        let before = completed(conversation)
        for moved in kind == .read ? [ReceiptKind.delivered, .read] : [.delivered] {
            let old = mark(moved, reader, conversation)
            marks[conversation, default: [:]][reader, default: [:]][moved] = max(old, named.id)
        }
        // An author who is no member any more is not told.
        let isTold = members[target] == nil || members[target]?[named.author] != nil
        return (isTold ? ["\(kind.rawValue) \(named.id) by \(reader) to \(named.author)"] : [])
            + news(conversation, before, completed(conversation))
    }

    mutating func advance(toMs: Int64) -> [String] {
        nowMs = toMs
        var heard = endTyping { $1.until <= toMs }
        for (user, until) in grace where until <= toMs {
            grace[user] = nil
            heard.append("offline \(user)")
        }
        return heard
    }

    func conversation(_ user: String, _ target: String) -> String {
        members[target] != nil ? target : [user, target].sorted().joined(separator: "|")
    }

    private func shown(_ target: String) -> String { members[target] != nil ? "group \(target)" : target }

    private func mark(_ kind: ReceiptKind, _ reader: String, _ conversation: String) -> Int64 {
        max(marks[conversation]?[reader]?[kind] ?? 0, members[conversation]?[reader] ?? 0)
    }

    private mutating func endTyping(where ends: (Typing, (connection: UInt64, until: Int64)) -> Bool) -> [String] {
        let ended = typing.filter { ends($0.key, $0.value) }.keys
        for key in ended { typing[key] = nil }
        return ended.map { "ended \($0.typist)->\(shown($0.target))" }
    }

    /// Messages of a group that all other members have, by kind.
    private func completed(_ group: String) -> [ReceiptKind: Set<Int64>] {
        guard let members = members[group] else { return [:] }
        var found: [ReceiptKind: Set<Int64>] = [:]
        for kind in ReceiptKind.allCases {
            for message in messages[group] ?? [] where members[message.author] != nil {
                let others = members.keys.filter { $0 != message.author }
                if !others.isEmpty, others.allSatisfy({ mark(kind, $0, group) >= message.id }) {
                    found[kind, default: []].insert(message.id)
                }
            }
        }
        return found
    }

    /// Per author the newest message that became complete: delivered before read, ascending.
    private func news(
        _ group: String, _ before: [ReceiptKind: Set<Int64>], _ after: [ReceiptKind: Set<Int64>]
    ) -> [String] {
        ReceiptKind.allCases.flatMap { kind -> [String] in
            let new = (after[kind] ?? []).subtracting(before[kind] ?? [])
            var newest: [String: Int64] = [:]
            for message in messages[group] ?? [] where new.contains(message.id) { newest[message.author] = message.id }
            let name = kind == .read ? "readByAll" : "deliveredToAll"
            return newest.sorted { $0.value < $1.value }.map { "\(name) \($0.value) to \($0.key)" }
        }
    }
}
