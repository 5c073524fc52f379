import ChatModel
import EventLog
import GatewayCore
import JSONCodec
import Testing

@testable import GatewayServer

@Suite struct FeedLineTests {
    private let alice = UserID(trusted: "alice")
    private let guid = GroupID(trusted: "g")

    private func json(_ event: FeedLine.Event, seq: Int64 = 0, at: Int64 = 9) throws -> JSONValue {
        var writer = JSONWriter()
        writer.feedLine(FeedLine(n: 17, bootID: "b", seq: seq, at: at, event: event))
        let value = try JSONValue(writer.take())
        #expect(try APIDescription().faults(of: value, schema: "FeedLine") == [])
        #expect(value["n"]?.int == 17)
        #expect(value["bootId"]?.string == "b")
        return value
    }

    private func connection(_ kind: ConnectionEvent.Kind) -> FeedLine.Event {
        .connection(ConnectionEvent(kind: kind, uid: alice, at: 9))
    }

    @Test func connectionEvents() throws {
        let session = ConnectionEvent.Session(id: SessionID("s1")!, deviceID: "d1", platform: "android")
        let connected = try json(connection(.connected(session)))
        #expect(connected["event"]?.string == "connected")
        #expect(connected["uid"]?.string == "alice")
        #expect(connected["deviceId"]?.string == "d1")
        #expect(connected["sessionId"]?.string == "s1")
        #expect(connected["platform"]?.string == "android")
        #expect(connected["at"]?.int == 9)
        #expect(connected["seq"] == nil)
        let nameless = ConnectionEvent.Session(id: SessionID("s1")!, deviceID: nil, platform: nil)
        let ended = try json(connection(.disconnected(nameless, code: 4203)))
        #expect(ended["event"]?.string == "disconnected")
        #expect(ended["code"]?.int == 4203)
        #expect(ended["deviceId"]?.string == "s1")
        #expect(try json(connection(.online))["event"]?.string == "online")
        #expect(try json(connection(.offline))["event"]?.string == "offline")
    }

    @Test(
        arguments: [
            (ReceiptKind.delivered, "alice", "delivered"), (.read, "alice", "read"),
            (.delivered, nil, "deliveredToAll"),
            (.read, nil, "readByAll"),
        ] as [(ReceiptKind, String?, String)]) func receipts(_ kind: ReceiptKind, _ reader: String?, _ action: String)
        throws
    {
        let mark = ReceiptMark(
            kind: kind, reader: reader.map { UserID(trusted: $0) }, messageID: 5, at: 9, seq: 6)
        let value = try json(.receipts(.group(guid), mark), seq: 6)
        #expect(value["event"]?.string == "receipts")
        #expect(value["action"]?.string == action)
        #expect(value["uid"]?.string == reader)
        #expect(value["messageId"]?.string == "5")
        #expect(value["conversationId"]?.string == "group_g")
        #expect(value["seq"]?.int == 6)
    }

    @Test func groups() throws {
        let record = GroupRecord(guid: guid, name: "G", type: .open, owner: alice, createdAt: 1)
        let view = GroupView(record: record, membersCount: 3)
        let created = try json(.group(.created, guid, view), seq: 4)
        #expect(created["event"]?.string == "group_created")
        #expect(created["group"]?["membersCount"]?.int == 3)
        #expect(try json(.group(.updated, guid, nil))["event"]?.string == "group_updated")
        let deleted = try json(.group(.deleted, guid, view))
        #expect(deleted["event"]?.string == "group_deleted")
        #expect(deleted["group"] == nil)
        let transferred = try json(.group(.ownerTransferred(to: alice), guid, view), seq: 4)
        #expect(transferred["event"]?.string == "owner_transferred")
        #expect(transferred["owner"]?.string == "alice")
    }

    @Test func reactions() throws {
        let user = UserView(
            record: UserRecord(uid: alice, name: "Alice", createdAt: 1), online: false, lastActiveAt: nil)
        let reaction = Reaction(
            id: 6, messageID: 5, conversation: .group(guid), parentID: nil, reaction: "👍", user: user, at: 8)
        for (isAdded, action) in [(true, "message_reaction_added"), (false, "message_reaction_removed")] {
            let event = ReactionEvent(isAdded: isAdded, reaction: reaction, seq: 7, originSession: nil)
            let value = try json(.reaction(event), seq: 7)
            #expect(value["event"]?.string == "reaction" && value["action"]?.string == action)
            #expect(value["reactedBy"]?["name"]?.string == "Alice" && value["messageId"]?.string == "5")
        }
        let completion = CompletionEvent(
            messageID: 5, conversation: .group(guid), author: alice, user: user,
            interactions: [Interaction(elementID: "e", at: 8)], seq: 7, originSession: nil)
        let value = try json(.completion(completion), seq: 7)
        #expect(value["event"]?.string == "interaction_completed" && value["author"]?.string == "alice")
        #expect(value["interactions"]?.items.first?["elementId"]?.string == "e")
    }

    @Test func blocks() throws {
        let blocked = try json(.block(alice, blocked: UserID(trusted: "bob"), exists: true))
        #expect(blocked["event"]?.string == "user_blocked")
        #expect(blocked["uid"]?.string == "alice")
        #expect(blocked["blockedUid"]?.string == "bob")
        let unblocked = try json(.block(alice, blocked: UserID(trusted: "bob"), exists: false))
        #expect(unblocked["event"]?.string == "user_unblocked")
    }

    @Test func everyNameIsThatOfALine() {
        #expect(Set(FeedEventName.allCases.map(\.rawValue)).count == FeedEventName.allCases.count)
    }

    @Test func aPageIsBoundInBytes() throws {
        let log = InMemoryEventLog(bootID: "b")
        let app = try log.number(ofApp: "app")
        let data = JSONBytes(validated: Array(#"{"text":"\#(String(repeating: "x", count: 50_000))"}"#.utf8))
        for id: Int64 in 1...20 {
            let record = MessageRecord(
                id: id, sender: alice, receiver: .user(UserID(trusted: "bob")), category: .message, type: "text",
                data: data, sentAt: 1)
            _ = try log.commit([LoggedDecision(app: app, seq: id, changes: [.message(record)])])
        }
        let pages = FeedPages(store: log, presence: PresenceTable())
        var (after, lines, count): (Int64, [Int64], Int) = (0, [], 0)
        while true {
            let page = try pages.read(app, after: after)
            #expect(page.bytes.count < FeedPages.bytesMax + 60_000)
            for line in page.bytes.split(separator: 10) { lines.append(try JSONValue(Array(line))["n"]?.int ?? 0) }
            (after, count) = (page.reached, count + 1)
            if page.isLast { break }
        }
        #expect(lines == Array(1...20))
        #expect(count > 3)
        #expect(try pages.end(app) == 20)
    }
}
