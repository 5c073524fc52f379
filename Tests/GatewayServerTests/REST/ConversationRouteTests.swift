import Testing

@testable import GatewayServer

@Suite struct ConversationRouteTests {
    private let world: RESTWorld
    private let alice, bob: [String: String]

    /// alice and bob, in group `club` with each other; carol is in none.
    init() async throws {
        world = try await RESTWorld()
        alice = RESTWorld.user(try await world.user("alice"))
        bob = RESTWorld.user(try await world.user("bob"))
        try await world.user("carol")
        try await world.group("club", owner: "alice", participants: ["bob"])
    }

    private func send(_ to: String, _ kind: String = "user", as headers: [String: String]) async throws -> String {
        let answer = try await world.call("POST", "/messages", RESTWorld.text(to: to, kind: kind), as: headers)
        return try #require(answer.data["id"]?.string)
    }

    @Test func theListShowsTheNewestFirstWithWhatIsUnread() async throws {
        let first = try await send("bob", as: alice)
        let second = try await send("club", "group", as: alice)
        let answer = try await world.call("GET", "/conversations", as: bob)
        #expect(answer.data.items.map { $0["conversationId"]?.string } == ["group_club", "alice_user_bob"])
        #expect(answer.data.items.map { $0["unreadMessageCount"]?.int } == [1, 1])
        #expect(answer.data.items.map { $0["lastMessage"]?["id"]?.string } == [second, first])
        #expect(answer.data.items[0]["conversationWith"]?["scope"]?.string == "participant")
        #expect(answer.data.items[1]["conversationWith"]?["uid"]?.string == "alice")
        #expect(answer.json["meta"]?["pagination"]?["total"]?.int == 2)
        let users = try await world.call("GET", "/conversations?conversationType=user&per_page=1", as: bob)
        #expect(users.data.items.map { $0["conversationType"]?.string } == ["user"])
        #expect(try await world.call("GET", "/conversations?conversationType=both", as: bob).status == 400)
        #expect(try await world.call("GET", "/conversations", as: RESTWorld.backend).status == 400)
        #expect(try await world.call("GET", "/conversations", as: RESTWorld.acting("bob")).data.items.count == 2)
    }

    @Test func markingUnreadAnswersTheConversation() async throws {
        let ids = [try await send("bob", as: alice), try await send("bob", as: alice)]
        let path = "/users/alice/conversation"
        #expect(try await world.call("GET", path, as: bob).data["unreadMessageCount"]?.int == 2)
        for body in ["", "{}", #"{"messageId":"x"}"#, #"{"messageId":0}"#, "[]"] {
            let refusal = try await world.call("DELETE", path + "/read", body, as: bob)
            #expect(refusal.status == 400 && refusal.code == "ERR_BAD_REQUEST", "\(body)")
        }
        let marked = try await world.call("DELETE", path + "/read", "{\"messageId\":\"\(ids[1])\"}", as: bob)
        #expect(marked.data["unreadMessageCount"]?.int == 2)
        let unknown = try await world.call("DELETE", path + "/read", #"{"messageId":77777}"#, as: bob)
        #expect(unknown.status == 404 && unknown.code == "ERR_MESSAGE_ID_NOT_FOUND")
    }

    @Test func whatThereIsNotIsRefusedAsWhatItIs() async throws {
        for method in ["GET", "DELETE"] {
            let stranger = try await world.call(method, "/users/nobody/conversation", as: bob)
            #expect(stranger.status == 404 && stranger.code == "ERR_UID_NOT_FOUND")
            let nowhere = try await world.call(method, "/groups/nowhere/conversation", as: bob)
            #expect(nowhere.status == 404 && nowhere.code == "ERR_GUID_NOT_FOUND")
            let outside = try await world.call(method, "/groups/club/conversation", as: RESTWorld.acting("carol"))
            #expect(outside.status == 403 && outside.code == "ERR_NOT_A_MEMBER")
        }
        #expect(try await world.call("PUT", "/users/nobody/conversation", #"{"tags":[]}"#, as: bob).status == 404)
        #expect(try await world.call("PUT", "/users/alice/conversation", "{}", as: bob).status == 400)
        let many = (0..<26).map { "\"t\($0)\"" }.joined(separator: ",")
        let over = try await world.call("PUT", "/users/alice/conversation", "{\"tags\":[\(many)]}", as: bob)
        #expect(over.status == 400 && over.message.contains("tags"))
    }

    @Test func anEmptyConversationHasNoLastMessage() async throws {
        let answer = try await world.call("GET", "/users/carol/conversation", as: bob)
        #expect(answer.status == 200 && answer.data["lastMessage"] == nil)
        #expect(answer.data["conversationWith"]?["uid"]?.string == "carol")
        #expect(try await world.call("GET", "/conversations", as: bob).data.items.isEmpty)
    }

    @Test func tagsAreSetAndHidingEmptiesTheList() async throws {
        _ = try await send("bob", as: alice)
        let tagged = try await world.call(
            "PUT", "/users/alice/conversation", #"{"tags":["work","work","home"]}"#, as: bob)
        #expect(tagged.data["tags"]?.items.compactMap(\.string) == ["work", "home"])
        #expect(try await world.call("GET", "/conversations?tags=home", as: bob).data.items.count == 1)
        #expect(try await world.call("GET", "/conversations?tags=none", as: bob).data.items.isEmpty)
        #expect(try await world.call("DELETE", "/users/alice/conversation", as: bob).status == 200)
        #expect(try await world.call("GET", "/conversations", as: bob).data.items.isEmpty)
        #expect(try await world.call("GET", "/users/alice/messages", as: bob).data.items.isEmpty)
        #expect(try await world.call("GET", "/users/bob/messages", as: alice).data.items.count == 1)
    }

    @Test func unreadIsCountedPerUserAndGroup() async throws {
        _ = try await send("bob", as: alice)
        _ = try await send("club", "group", as: alice)
        _ = try await send("club", "group", as: alice)
        let counts = { (path: String) in
            try await world.call("GET", path, as: bob).data.items.map {
                "\($0["entityType"]?.string ?? "") \($0["entityId"]?.string ?? "") \($0["count"]?.int ?? 0)"
            }
        }
        #expect(try await counts("/messages?unread=1&count=1") == ["group club 2", "user alice 1"])
        #expect(try await counts("/messages?unread=1&count=1&receiverType=user") == ["user alice 1"])
        #expect(try await counts("/users/alice/messages?unread=1&count=1") == ["user alice 1"])
        #expect(try await counts("/groups/club/messages?unread=1&count=1") == ["group club 2"])
        #expect(try await counts("/users/carol/messages?unread=1&count=1").isEmpty)
        #expect(try await world.call("GET", "/messages?count=1", as: bob).status == 400)
        #expect(try await world.call("GET", "/messages?unread=1", as: RESTWorld.backend).status == 400)
        #expect(try await world.call("GET", "/messages?unread=1", as: bob).data.items.count == 3)
    }

    @Test func aHistoryIsSearchedByWords() async throws {
        for text in ["Hello there", "hello again", "good bye"] {
            #expect(try await world.call("POST", "/messages", RESTWorld.text(to: "bob", text), as: alice).status == 200)
        }
        let found = { (path: String) in try await world.call("GET", path, as: bob).data.items.count }
        #expect(try await found("/messages?searchKey=hel") == 2)
        #expect(try await found("/users/alice/messages?searchKey=hello%20there") == 1)
        #expect(try await found("/messages?searchKey=%22%2A") == 0)
        #expect(try await found("/messages?searchKey=") == 3)
    }

    @Test func aBlockShowsOnTheOtherUser() async throws {
        _ = try await send("bob", as: alice)
        let blocks = #"{"blockedUids":["alice"]}"#
        #expect(try await world.call("POST", "/blockedusers", blocks, as: bob).status == 200)
        let listed = try await world.call("GET", "/conversations", as: bob).data.items[0]
        #expect(listed["conversationWith"]?["blockedByMe"]?.bool == true)
        let one = try await world.call("GET", "/users/bob/conversation", as: alice)
        #expect(one.data["conversationWith"]?["hasBlockedMe"]?.bool == true)
    }

    /// As SDKs end their paging by it.
    @Test func aHistoryTellsWhetherThereIsMore() async throws {
        for _ in 0..<3 { _ = try await send("bob", as: alice) }
        let some = try await world.call("GET", "/users/alice/messages?per_page=2", as: bob)
        #expect(some.json["meta"]?["pagination"]?["total_pages"]?.int == 2)
        #expect(some.json["meta"]?["pagination"]?["count"]?.int == 2)
        let all = try await world.call("GET", "/users/alice/messages?per_page=3", as: bob)
        #expect(all.json["meta"]?["pagination"]?["total_pages"]?.int == 1)
        #expect(all.json["meta"]?["pagination"]?["total"]?.int == 3)
    }
}
