import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// A user's own side of a conversation: what is decided, and that it comes back from the store.
@Suite struct ConversationTests {
    /// alice (1) and bob (2), who is in group g with her; carol (3) is in nothing.
    private let world: World

    init() {
        world = World()
        world.user("alice", "bob", "carol")
        world.group("g", ["alice", "bob"])
        for (index, uid) in ["alice", "bob", "carol"].enumerated() { world.connect(uid, UInt64(index + 1)) }
        world.forget()
    }

    private var changes: [String] {
        world.decisions.flatMap(\.changes).compactMap { change in
            guard case .conversation(let conversation, let uid, let change) = change else { return nil }
            return switch change {
            case .readPointer(let position): "\(conversation.id) \(uid) \(position.map { "\($0)" } ?? "mark")"
            case .hidden(let through): "\(conversation.id) \(uid) hidden \(through)"
            case .tags(let tags): "\(conversation.id) \(uid) \(tags)"
            }
        }
    }

    private func unread(_ connection: UInt64, _ receiver: Receiver, _ id: Int64) -> ReplyBody? {
        world.ask(.markUnread(receiver, messageID: id), as: .connection(c(connection)))
    }

    private func sent(_ connection: UInt64, to receiver: Receiver) throws -> Int64 {
        try #require(world.send(connection, to: receiver)?.messageID)
    }

    @Test(arguments: [user("alice"), group("g")])
    func markingUnreadSetsThePointerBackAndReadingOnMovesItUpSilently(_ place: Receiver) throws {
        let other: Receiver = place == user("alice") ? user("bob") : place
        let ids = [try sent(1, to: other), try sent(1, to: other), try sent(1, to: other)]
        world.receipt(.read, 2, place, ids[2])
        world.forget()
        let name = place == user("alice") ? "alice_user_bob" : "group_g"

        #expect(unread(2, place, ids[1])?.isDone == true)
        #expect(changes == ["\(name) bob \(ids[1] - 1)"])
        // What is unread already is not read by that.
        #expect(unread(2, place, ids[2])?.isDone == true)
        world.receipt(.read, 2, place, ids[0])
        world.receipt(.delivered, 2, place, ids[2])
        #expect(changes.count == 1)
        world.receipt(.read, 2, place, ids[1])
        #expect(changes.last == "\(name) bob \(ids[1])")
        world.receipt(.read, 2, place, ids[2])
        #expect(changes.last == "\(name) bob mark")
        #expect(changes.count == 3)
        // The marks stood where they were, so nobody was told anything, and nothing has a position.
        #expect(world.receipts.isEmpty)
        #expect(world.decisions.allSatisfy { $0.seq == 0 && $0.projections.isEmpty })
    }

    @Test(arguments: [user("alice"), group("g")])
    func aMarkThatMovesPastThePointerTakesItAway(_ place: Receiver) throws {
        let other: Receiver = place == user("alice") ? user("bob") : place
        let first = try sent(1, to: other)
        world.receipt(.read, 2, place, first)
        _ = unread(2, place, first)
        let second = try sent(1, to: other)
        world.forget()
        world.receipt(.read, 2, place, second)
        #expect(changes.count == 1 && changes[0].hasSuffix("bob mark"))
        #expect(world.receipts.first == "read \(second) by bob to alice")
        world.receipt(.read, 2, place, second)
        #expect(changes.count == 1)
    }

    @Test(arguments: [user("alice"), group("g")])
    func thePointerComesBackFromTheStore(_ place: Receiver) throws {
        let other: Receiver = place == user("alice") ? user("bob") : place
        let ids = [try sent(1, to: other), try sent(1, to: other)]
        world.receipt(.read, 2, place, ids[1])
        _ = unread(2, place, ids[0])
        world.fail()
        world.forget()
        world.receipt(.read, 2, place, ids[0])
        #expect(changes.count == 1 && changes[0].hasSuffix("bob \(ids[0])"))
    }

    @Test func readingPastOnesOwnNewestMessageIsReadingAll() throws {
        let first = try sent(1, to: user("bob"))
        world.receipt(.read, 2, user("alice"), first)
        let own = try sent(2, to: user("alice"))
        _ = unread(2, user("alice"), first)
        world.forget()
        world.receipt(.read, 2, user("alice"), own)
        #expect(changes == ["alice_user_bob bob mark"])
    }

    @Test func leavingForgetsThePointer() throws {
        let id = try sent(1, to: group("g"))
        world.receipt(.read, 2, group("g"), id)
        _ = unread(2, group("g"), id)
        world.ask(.leave(g("g")), as: .connection(c(2)))
        world.ask(.join(g("g"), passwordHash: nil), as: .connection(c(2)))
        world.forget()
        world.receipt(.read, 2, group("g"), id)
        #expect(changes.isEmpty)
    }

    @Test func onlyAMessageOfTheConversationIsMarked() throws {
        let elsewhere = try sent(1, to: user("carol"))
        let here = try sent(1, to: group("g"))
        #expect(unread(2, user("alice"), elsewhere)?.failureCode == .messageIDNotFound)
        #expect(unread(2, user("alice"), 99_999)?.failureCode == .messageIDNotFound)
        #expect(unread(2, group("g"), elsewhere)?.failureCode == .messageIDNotFound)
        #expect(unread(2, user("nobody"), here)?.failureCode == .messageIDNotFound)
        #expect(unread(3, group("g"), here)?.failureCode == .notAMember)
        #expect(unread(2, group("nowhere"), here)?.failureCode == .guidNotFound)
        #expect(world.failure(.markUnread(group("g"), messageID: here)) == .badRequest)
    }

    @Test func anOldMessageIsLookedUp() throws {
        var rules = CoreRules()
        rules.sendsPerMinute = 0
        world.core.apply(rules)
        let ids = try (0..<60).map { _ in try sent(1, to: user("bob")) }
        world.receipt(.read, 2, user("alice"), ids[59])
        world.forget()
        #expect(unread(2, user("alice"), ids[3])?.isDone == true)
        #expect(changes == ["alice_user_bob bob \(ids[3] - 1)"])
    }

    @Test func hidingCoversAllThatWasDecided() throws {
        let id = try sent(1, to: user("bob"))
        world.forget()
        #expect(world.ask(.hideConversation(user("alice")), as: .connection(c(2)))?.isDone == true)
        #expect(changes == ["alice_user_bob bob hidden \(id)"])
        #expect(world.failure(.hideConversation(user("nobody")), as: .connection(c(2))) == .uidNotFound)
        #expect(world.failure(.hideConversation(group("g")), as: .connection(c(3))) == .notAMember)
    }

    @Test func aDeletedUsersConversationCanBeHidden() throws {
        _ = try sent(3, to: user("bob"))
        world.ask(.deleteUser(u("carol"), permanent: true))
        #expect(world.ask(.hideConversation(user("carol")), as: .connection(c(2)))?.isDone == true)
    }

    @Test func tagsAreTheActingUsers() {
        world.forget()
        #expect(world.ask(.tagConversation(group("g"), ["t"]), as: .connection(c(2)))?.isDone == true)
        #expect(changes == [#"group_g bob ["t"]"#])
        #expect(world.failure(.tagConversation(group("g"), ["t"])) == .badRequest)
    }
}
