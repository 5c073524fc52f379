import ChatModel
import GatewayCore
import Testing

@testable import GatewayServer

/// Edits, deletion, threads, reactions and interactions over REST.
@Suite struct MessageChangeRouteTests {
    private let world: RESTWorld
    private let alice: [String: String]
    private let bob: [String: String]
    private let eve: [String: String]

    init() async throws {
        world = try await RESTWorld()
        alice = RESTWorld.user(try await world.user("alice"))
        bob = RESTWorld.user(try await world.user("bob"))
        eve = RESTWorld.user(try await world.user("eve"))
    }

    private func send(_ body: String = RESTWorld.text(to: "bob", "hello")) async throws -> String {
        let answer = try await world.call("POST", "/messages", body, as: alice)
        return try #require(answer.data["id"]?.string)
    }

    private func form(_ more: String) async throws -> String {
        try await send(
            """
            {"receiver":"bob","receiverType":"user","category":"interactive","type":"form",\
            "data":{"interactiveData":{"title":"t"}\(more)}}
            """)
    }

    private func get(_ path: String, as headers: [String: String]) async throws -> JSONValue {
        let answer = try await world.call("GET", path, as: headers)
        #expect(answer.status == 200)
        return answer.data
    }

    // MARK: - Edits and deletion

    @Test func anEditAnswersTheActionWithTheMessageAsItStandsNow() async throws {
        let id = try await send(RESTWorld.text(to: "bob", "old", kind: "user", #","metadata":{"k":1},"tags":["a"]"#))
        let body = #"{"category":"message","type":"text","data":{"text":"new <@uid:eve>"},"tags":["b"]}"#
        let answer = try await world.call("PUT", "/messages/\(id)", body, as: alice)
        #expect(answer.status == 200)
        #expect(answer.data["category"]?.string == "action" && answer.data["type"]?.string == "message")
        #expect(answer.data["data"]?["action"]?.string == "edited")
        let changed = try #require(answer.data["data"]?["entities"]?["on"]?["entity"])
        #expect(changed["id"]?.string == id && changed["data"]?["text"]?.string == "new <@uid:eve>")
        #expect(changed["data"]?["metadata"] == .object(["k": .int(1)]))
        #expect(changed["data"]?["mentions"]?["eve"]?["name"]?.string == "Name of eve")
        #expect(changed["editedBy"]?.string == "alice" && changed["tags"]?.items.map(\.string) == ["b"])
        let seen = try await get("/messages/\(id)", as: bob)
        #expect(seen["data"]?["text"]?.string == "new <@uid:eve>" && seen["editedAt"] == changed["editedAt"])
        let history = try await get("/users/alice/messages", as: bob)
        #expect(history.items.count == 2)
    }

    @Test func aDeletionEmptiesTheMessage() async throws {
        let id = try await send()
        let answer = try await world.call("DELETE", "/messages/\(id)", as: alice)
        #expect(answer.data["data"]?["action"]?.string == "deleted")
        let gone = try #require(answer.data["data"]?["entities"]?["on"]?["entity"])
        #expect(gone["deletedBy"]?.string == "alice" && gone["data"]?["text"] == nil)
        for (method, body) in [("DELETE", nil), ("PUT", #"{"data":{"text":"x"}}"#)] {
            let again = try await world.call(method, "/messages/\(id)", body, as: alice)
            #expect((again.status, again.code) == (404, "ERR_MESSAGE_ID_NOT_FOUND"))
        }
        #expect(try await get("/messages/\(id)", as: bob)["deletedAt"] != nil)
    }

    @Test func refusalsNameWhatIsWrong() async throws {
        let id = try await send()
        let action = try #require(
            try await world.call("PUT", "/messages/\(id)", #"{"data":{"text":"x"}}"#, as: alice).data["id"]?.string)
        for (path, body, caller, status, code) in [
            ("/messages/\(id)", #"{"data":{"text":"x"}}"#, bob, 403, "ERR_MESSAGE_NOT_A_SENDER"),
            ("/messages/\(id)", #"{"data":{"text":"x"}}"#, eve, 403, "ERR_MESSAGE_NO_ACCESS"),
            ("/messages/\(id)", #"{"data":{"text":""}}"#, alice, 400, "ERR_EMPTY_MESSAGE_TEXT"),
            ("/messages/\(id)", #"{"type":"image"}"#, alice, 400, "ERR_INVALID_MESSAGE_TYPE"),
            ("/messages/\(id)", "{}", alice, 400, "ERR_INVALID_MESSAGE_DATA"),
            ("/messages/\(action)", #"{"data":{"text":"x"}}"#, alice, 400, "ERR_INVALID_MESSAGE_CATEGORY"),
            ("/messages/99999", "{}", alice, 404, "ERR_MESSAGE_ID_NOT_FOUND"),
            ("/messages/0", "{}", alice, 400, "ERR_BAD_REQUEST"),
            ("/messages/x", "{}", alice, 400, "ERR_BAD_REQUEST"),
        ] {
            let answer = try await world.call("PUT", path, body, as: caller)
            #expect((answer.status, answer.code) == (status, code), "\(path) \(body)")
        }
        let long = #"{"data":{"text":"\#(String(repeating: "x", count: 11_000))"}}"#
        #expect(try await world.call("PUT", "/messages/\(id)", long, as: alice).status == 413)
    }

    @Test func theSystemChangesMessagesInTheirAuthorsName() async throws {
        let id = try await send()
        let answer = try await world.call("DELETE", "/messages/\(id)", as: RESTWorld.backend)
        #expect(answer.data["sender"]?.string == "alice")
        #expect(answer.data["data"]?["entities"]?["on"]?["entity"]?["deletedBy"]?.string == "alice")
    }

    // MARK: - Threads

    @Test func aThreadIsReadAndWrittenByItsParties() async throws {
        let parent = try await send()
        let body = #"{"category":"message","type":"text","data":{"text":"reply"},"receiver":"eve"}"#
        let first = try await world.call("POST", "/messages/\(parent)/thread", body, as: bob)
        #expect(first.data["receiver"]?.string == "alice" && first.data["parentId"]?.string == parent)
        let second = try await world.call("POST", "/messages/\(parent)/thread", body, as: alice)
        #expect(second.data["receiver"]?.string == "bob")
        let ids = [first, second].map { $0.data["id"] }
        for caller in [alice, bob, RESTWorld.backend] {
            #expect(try await get("/messages/\(parent)/thread", as: caller).items.map { $0["id"] } == ids)
        }
        #expect(try await get("/messages/\(parent)/thread?per_page=1", as: bob).items.map { $0["id"] } == [ids[1]])
        #expect(try await get("/messages/\(parent)", as: bob)["replyCount"] == .int(2))
        #expect(try await get("/users/alice/messages?hideReplies=1", as: bob).items.count == 1)
        for method in ["GET", "POST"] {
            let denied = try await world.call(method, "/messages/\(parent)/thread", body, as: eve)
            #expect((denied.status, denied.code) == (403, "ERR_MESSAGE_NO_ACCESS"))
        }
        let nested = try await world.call("POST", "/messages/\(try #require(ids[0]?.string))/thread", body, as: alice)
        #expect((nested.status, nested.code) == (400, "ERR_MESSAGE_THREAD_NESTING"))
        _ = try await world.call("DELETE", "/messages/\(try #require(ids[0]?.string))", as: bob)
        #expect(try await get("/messages/\(parent)", as: bob)["replyCount"] == .int(1))
        let missing = try await world.call("POST", "/messages/\(parent)/thread", "{}", as: bob)
        #expect((missing.status, missing.code) == (400, "ERR_INVALID_MESSAGE_CATEGORY"))
    }

    @Test func aGroupsThreadIsForItsMembers() async throws {
        try await world.group("g", owner: "alice", participants: ["bob"])
        let parent = try await send(RESTWorld.text(to: "g", "root", kind: "group"))
        let body = #"{"category":"message","type":"text","data":{"text":"reply"}}"#
        #expect(try await world.call("POST", "/messages/\(parent)/thread", body, as: bob).status == 200)
        _ = try await world.call("DELETE", "/groups/g/members", as: bob)
        #expect(try await world.call("GET", "/messages/\(parent)/thread", as: bob).code == "ERR_MESSAGE_NO_ACCESS")
        #expect(try await get("/messages/\(parent)/thread", as: alice).items.count == 1)
    }

    // MARK: - Reactions

    /// 👩‍👩‍👧 as a client encodes it.
    private static let family = "%F0%9F%91%A9%E2%80%8D%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7"

    @Test func aReactionAnswersTheMessageAsTheCallerSeesIt() async throws {
        let id = try await send()
        let path = "/messages/\(id)/reactions/\(Self.family)"
        for _ in 0..<2 {
            let given = try await world.call("POST", path, as: bob)
            #expect(
                given.data["data"]?["reactions"]
                    == .array([
                        .object(["reaction": .string("👩‍👩‍👧"), "count": .int(1), "reactedByMe": .bool(true)])
                    ]))
        }
        let other = try await get("/messages/\(id)", as: alice)
        #expect(other["data"]?["reactions"]?.items.first?["reactedByMe"] == .bool(false))
        let history = try await get("/users/alice/messages", as: bob)
        #expect(history.items.first?["data"]?["reactions"]?.items.first?["reactedByMe"] == .bool(true))
        for _ in 0..<2 {
            let taken = try await world.call("DELETE", path, as: bob)
            #expect(taken.data["data"]?["reactions"] == .array([]))
        }
        #expect(try await get("/messages/\(id)", as: alice)["data"]?["reactions"] == nil)
    }

    @Test func reactionsAreListedInPagesThatAClientCanFollow() async throws {
        let id = try await send()
        for caller in [bob, alice] {
            for word in ["x", "y"] {
                #expect(try await world.call("POST", "/messages/\(id)/reactions/\(word)", as: caller).status == 200)
            }
        }
        var seen: [String] = []
        var query = "limit=3&affix=append"
        while true {
            let page = try await world.call("GET", "/messages/\(id)/reactions?\(query)", as: bob)
            guard !page.data.items.isEmpty else { break }
            seen += page.data.items.map { "\($0["reaction"]?.string ?? "")\($0["uid"]?.string ?? "")" }
            let next = try #require(page.json["meta"]?["next"])
            query = "limit=3&affix=\(next["affix"]?.string ?? "")&id=\(next["id"]?.string ?? "")"
        }
        #expect(seen == ["xbob", "ybob", "xalice", "yalice"])
        let one = try await get("/messages/\(id)/reactions/x", as: bob).items
        #expect(one.map { $0["uid"]?.string } == ["bob", "alice"])
        #expect(one.first?["messageId"]?.string == id && one.first?["reactedBy"]?["name"]?.string == "Name of bob")
        let newest = try await world.call("GET", "/messages/\(id)/reactions?per_page=1", as: bob)
        #expect(newest.data.items.map { $0["uid"]?.string } == ["alice"])
        #expect(newest.json["meta"]?["previous"]?["affix"]?.string == "prepend")
        #expect(try await world.call("GET", "/messages/\(id)/reactions", as: eve).status == 403)
        for wrong in ["limit=0", "affix=left", "id=x", "per_page=none"] {
            let refused = try await world.call("GET", "/messages/\(id)/reactions?\(wrong)", as: bob)
            #expect(refused.status == 400 && refused.message.hasPrefix(wrong.prefix { $0 != "=" }))
        }
    }

    @Test(arguments: ["%20", "%07x", String(repeating: "x", count: 33)])
    func whatIsNoReactionIsRefused(_ reaction: String) async throws {
        let id = try await send()
        let answer = try await world.call("POST", "/messages/\(id)/reactions/\(reaction)", as: bob)
        #expect((answer.status, answer.code) == (400, "ERR_BAD_REQUEST"))
    }

    // MARK: - Interactions

    @Test func interactionsAreTheCallersOwn() async throws {
        let id = try await form(#","interactionGoal":{"type":"allOf","elementIds":["a","b"]}"#)
        for element in ["a", "b"] {
            let body = #"{"interactions":["\#(element)"]}"#
            #expect(try await world.call("PATCH", "/messages/\(id)/interacted", body, as: bob).status == 200)
        }
        let seen = try await get("/messages/\(id)", as: bob)
        #expect(seen["data"]?["interactions"]?.items.map { $0["elementId"]?.string } == ["a", "b"])
        #expect(try await get("/messages/\(id)", as: alice)["data"]?["interactions"] == .array([]))
        let told = world.core.decisions.flatMap(\.projections).count {
            if case .completion = $0 { true } else { false }
        }
        #expect(told == 1)
    }

    @Test func wrongInteractionsAreRefused() async throws {
        let (id, text) = (try await form(""), try await send())
        let good = #"{"interactions":["a"]}"#
        for (path, body, caller, status, code) in [
            (id, "{}", bob, 400, "ERR_BAD_REQUEST"),
            (id, #"{"interactions":[1]}"#, bob, 400, "ERR_BAD_REQUEST"),
            (id, good, alice, 403, "ERR_MESSAGE_NO_ACCESS"),
            (id, good, eve, 403, "ERR_MESSAGE_NO_ACCESS"),
            (text, good, bob, 400, "ERR_INVALID_MESSAGE_CATEGORY"),
            ("99999", good, bob, 404, "ERR_MESSAGE_ID_NOT_FOUND"),
        ] {
            let answer = try await world.call("PATCH", "/messages/\(path)/interacted", body, as: caller)
            #expect((answer.status, answer.code) == (status, code), "\(path) \(body)")
        }
    }

    @Test func changesPastTheRateAre429WithTheirHeaders() async throws {
        var rules = CoreRules()
        rules.sendsPerMinute = 2
        let limited = try await RESTWorld(rules: rules) { $0.limits.sendsPerMinute = 2 }
        let carol = RESTWorld.user(try await limited.user("carol"))
        let sent = try await limited.call("POST", "/messages", RESTWorld.text(to: "carol"), as: carol)
        let id = try #require(sent.data["id"]?.string)
        for word in ["a", "b"] {
            #expect(try await limited.call("POST", "/messages/\(id)/reactions/\(word)", as: carol).status == 200)
        }
        let answer = try await limited.call("POST", "/messages/\(id)/reactions/c", as: carol)
        #expect((answer.status, answer.code) == (429, "ERR_TOO_MANY_REQUESTS"))
        #expect(answer.header("x-rate-limit") == "2" && answer.header("retry-after") != nil)
    }

    @Test func whatIsDoneIsAnsweredEvenWhenItCannotBeReadBack() async throws {
        let id = try await send()
        let failing = RouteServices(
            apps: world.services.apps, store: UnreadableStore(), presence: world.core.presence,
            verifier: world.services.verifier, passwords: world.services.passwords, playground: false,
            health: world.services.health, media: world.media, settings: world.services.settings)
        let head = RESTWorld.head("POST", "/messages/\(id)/reactions/x", bob, .public)
        guard case .command(let command, _, let then) = Router.make(failing).handle(Request(head: head, body: [])),
            case .job(let job) = then(try #require(try world.core.reply(to: command))),
            case .answer(let response) = job()
        else {
            Issue.record("a reaction is a command, and then a read")
            return
        }
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self).contains(#""reactions":[{"reaction":"x","count":1}]"#))
    }
}
