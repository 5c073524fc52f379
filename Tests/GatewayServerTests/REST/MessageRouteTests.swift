import ChatModel
import GatewayCore
import Testing

@testable import GatewayServer

@Suite struct MessageRouteTests {
    private let world: RESTWorld
    private let alice: [String: String]
    private let bob: [String: String]

    init() async throws {
        var rules = CoreRules()
        rules.sendsPerMinute = 20
        world = try await RESTWorld(rules: rules) { $0.limits.sendsPerMinute = 20 }
        alice = RESTWorld.user(try await world.user("alice"))
        bob = RESTWorld.user(try await world.user("bob"))
    }

    @discardableResult private func send(
        _ text: String, _ more: String = "", to receiver: String = "bob", kind: String = "user"
    ) async throws -> String {
        let body = RESTWorld.text(to: receiver, text, kind: kind, more)
        let answer = try await world.call("POST", "/messages", body, as: RESTWorld.acting("alice"))
        return try #require(answer.data["id"]?.string)
    }

    private func ids(_ path: String, as headers: [String: String]) async throws -> [String] {
        let answer = try await world.call("GET", path, as: headers)
        #expect(answer.status == 200)
        return answer.data.items.compactMap { $0["id"]?.string }
    }

    // MARK: - Sending

    @Test func aSentMessageIsAnsweredAndReadByItsPartiesOnly() async throws {
        let body = RESTWorld.text(to: "bob", "hello", #","muid":"m1","tags":["t"],"metadata":{"k":1},"reactions":[]"#)
        let sent = try await world.call("POST", "/messages", body, as: alice)
        #expect(sent.data["sender"]?.string == "alice")
        #expect(sent.data["data"]?["metadata"] == .object(["k": .int(1)]))
        #expect(sent.data["duplicate"] == nil)
        let again = try await world.call("POST", "/messages", body, as: alice)
        #expect(again.data["duplicate"] == .bool(true))
        #expect(again.data["id"] == sent.data["id"])
        let id = try #require(sent.data["id"]?.string)
        #expect(try await world.call("GET", "/messages/\(id)", as: bob).data["data"]?["text"]?.string == "hello")
        #expect(try await world.call("GET", "/messages/\(id)", as: RESTWorld.backend).status == 200)
        let stranger = RESTWorld.user(try await world.user("eve"))
        let denied = try await world.call("GET", "/messages/\(id)", as: stranger)
        #expect((denied.status, denied.code) == (403, "ERR_MESSAGE_NO_ACCESS"))
        #expect(try await world.call("GET", "/messages/99999", as: bob).code == "ERR_MESSAGE_ID_NOT_FOUND")
        #expect(try await world.call("GET", "/messages/xyz", as: bob).status == 400)
    }

    @Test(arguments: [
        ("{}", 400, "ERR_EMPTY_RECEIVER"),
        (#"{"receiver":"bob","receiverType":"crowd"}"#, 400, "ERR_INVALID_RECEIVER_TYPE"),
        (RESTWorld.text(to: "bob", ""), 400, "ERR_EMPTY_MESSAGE_TEXT"),
        (RESTWorld.text(to: "nobody"), 404, "ERR_UID_NOT_FOUND"),
        (RESTWorld.text(to: "nothing", kind: "group"), 404, "ERR_GUID_NOT_FOUND"),
        (RESTWorld.text(to: "bob", String(repeating: "x", count: 11_000)), 413, "ERR_INVALID_MESSAGE_DATA"),
    ])
    func aWrongMessageIsRefused(_ body: String, _ status: Int, _ code: String) async throws {
        let answer = try await world.call("POST", "/messages", body, as: alice)
        #expect((answer.status, answer.code) == (status, code))
    }

    @Test func theSystemSendsOnlyInSomeonesName() async throws {
        #expect(
            try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: RESTWorld.backend).status == 400)
        #expect(
            try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: RESTWorld.withAuthKey).status
                == 403)
    }

    @Test func pastTheRateIs429WithItsHeaders() async throws {
        for _ in 0..<20 {
            #expect(try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: alice).status == 200)
        }
        let answer = try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: alice)
        #expect((answer.status, answer.code) == (429, "ERR_TOO_MANY_REQUESTS"))
        #expect(answer.header("x-rate-limit") == "20")
        #expect(answer.header("x-rate-limit-remaining") == "0")
        #expect(try #require(answer.header("retry-after").flatMap(Int.init)) >= 1)
        try await send("the backend is not limited")
    }

    @Test(arguments: [
        (RESTWorld.text(to: "bob"), 200), (RESTWorld.text(to: "nobody"), 404), ("{", 400), ("", 400),
    ]) func everyAnswerToAUsersSendNamesTheRate(_ body: String, _ status: Int) async throws {
        let answer = try await world.call("POST", "/messages", body, as: alice)
        #expect(answer.status == status)
        #expect(answer.header("x-rate-limit") == "20")
        #expect(answer.header("x-rate-limit-remaining").flatMap(Int.init) != nil)
        let backend = try await world.call("POST", "/messages", body, as: RESTWorld.acting("alice"))
        #expect((backend.status, backend.header("x-rate-limit")) == (status, nil))
        #expect(try await world.call("GET", "/messages", as: alice).header("x-rate-limit") == nil)
    }

    @Test func theResourceOfTheCallerIsTheOrigin() async throws {
        let token = try #require(alice["authtoken"])
        try world.connect("alice", token: token, session: "mine")
        for (resource, expected) in [("mine", "mine"), ("theirs", nil)] as [(String, String?)] {
            let headers = alice.merging(["resource": resource]) { $1 }
            _ = try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: headers)
            let sent = world.core.decisions.last?.changes.compactMap { change -> MessageRecord? in
                if case .message(let record) = change { record } else { nil }
            }
            #expect(sent?.first?.originSession?.text == expected)
        }
    }

    // MARK: - History

    @Test func pagesGoBothWaysAndAreAscending() async throws {
        var sent: [String] = []
        for index in 0..<10 { sent.append(try await send("\(index)")) }
        #expect(try await ids("/users/alice/messages?per_page=4", as: bob) == Array(sent[6...]))
        let older = try await world.call("GET", "/users/alice/messages?per_page=4&id=\(sent[6])", as: bob)
        #expect(older.data.items.compactMap { $0["id"]?.string } == Array(sent[2..<6]))
        #expect(older.json["meta"]?["cursor"] == .object(["id": .string(sent[2]), "affix": .string("prepend")]))
        #expect(
            try await ids("/users/bob/messages?per_page=3&id=\(sent[2])&affix=append", as: alice) == Array(sent[3..<6]))
        let end = try await world.call("GET", "/messages?affix=append&id=\(sent[8])", as: RESTWorld.backend)
        #expect(end.json["meta"]?["cursor"]?["id"]?.string == sent[9], "a later message would follow here")
        let beyond = try await world.call("GET", "/messages?affix=append&id=\(sent[9])", as: RESTWorld.backend)
        #expect(beyond.data.items == [])
        #expect(beyond.json["meta"]?["cursor"] == .object(["affix": .string("append")]))
    }

    @Test func filtersLeaveOutWhatWasNotAskedFor() async throws {
        let root = try await send("root")
        let reply = try await send("reply", #","parentId":"\#(root)""#)
        let body = """
            {"receiver":"bob","receiverType":"user","category":"custom","type":"pin","data":{"customData":{}}}
            """
        let custom = try #require(
            try await world.call("POST", "/messages", body, as: alice).data["id"]?.string)
        let path = "/users/alice/messages"
        #expect(try await ids(path, as: bob) == [root, reply, custom])
        #expect(try await ids("\(path)?category=custom", as: bob) == [custom])
        #expect(try await ids("\(path)?category=custom,message", as: bob) == [root, reply, custom])
        #expect(try await ids("\(path)?type=text", as: bob) == [root, reply])
        #expect(try await ids("\(path)?parentId=\(root)", as: bob) == [reply])
        #expect(try await ids("\(path)?hideReplies=1&hideDeleted=1&unread=0&limit=x", as: bob) == [root, custom])
    }

    @Test(arguments: [
        "id=x", "id=-1", "affix=sideways", "per_page=0", "sentAt=noon", "category=gossip", "parentId=0",
        "hideReplies=2",
        "unread=maybe", "count=1", "hideDeleted=2",
    ])
    func aParameterThatCannotBeServedIsRefusedNamingIt(_ query: String) async throws {
        let answer = try await world.call("GET", "/users/alice/messages?\(query)", as: bob)
        #expect((answer.status, answer.code) == (400, "ERR_BAD_REQUEST"))
        #expect(answer.message.hasPrefix(query.prefix { $0 != "=" }), "\(answer.message)")
    }

    @Test func aGroupsHistoryIsForItsMembers() async throws {
        try await world.group("g", owner: "alice")
        let id = try await send("in the group", to: "g", kind: "group")
        #expect(try await ids("/groups/g/messages?category=message", as: alice) == [id])
        let denied = try await world.call("GET", "/groups/g/messages", as: bob)
        #expect((denied.status, denied.code) == (403, "ERR_NOT_A_MEMBER"))
        #expect(try await world.call("GET", "/messages/\(id)", as: bob).code == "ERR_MESSAGE_NO_ACCESS")
        #expect(try await world.call("GET", "/groups/nothing/messages", as: bob).code == "ERR_GUID_NOT_FOUND")
    }

    @Test func anUnknownUserHasNoHistoryButADeletedOneKeepsIt() async throws {
        #expect(try await world.call("GET", "/users/nobody/messages", as: bob).code == "ERR_UID_NOT_FOUND")
        #expect(try await ids("/users/bob/messages", as: alice) == [])
        let id = try await send("remember")
        _ = try await world.call("DELETE", "/users/alice", as: RESTWorld.backend)
        #expect(try await ids("/users/alice/messages", as: bob) == [id])
    }

    @Test func aStoreThatFailsIs503() async throws {
        let failing = RouteServices(
            apps: world.services.apps, store: UnreadableStore(), presence: world.core.presence,
            verifier: world.services.verifier, passwords: world.services.passwords, playground: false,
            health: world.services.health, media: world.media, settings: world.services.settings)
        let head = RESTWorld.head("GET", "/messages", RESTWorld.backend, .backend)
        guard case .job(let job) = Router.make(failing).handle(Request(head: head, body: [])),
            case .answer(let response) = job()
        else {
            Issue.record("a history is read on the pool")
            return
        }
        #expect(response.status == 503)
        #expect(response.headers.contains { $0.name == "retry-after" })
    }
}
