import Testing

@testable import GatewayServer

@Suite struct UserRouteTests {
    private let world: RESTWorld

    init() async throws {
        world = try await RESTWorld()
    }

    @Test func aCreatedUserIsShownAndFound() async throws {
        let body = #"{"uid":"Alice","name":"A","avatar":"https://e/x","tags":["t"],"metadata":{"k":1},"email":"a@e"}"#
        let made = try await world.call("POST", "/users", body, as: RESTWorld.withAuthKey)
        #expect(made.status == 200)
        #expect(made.data["uid"]?.string == "alice")
        #expect(made.data["role"]?.string == "default")
        #expect(made.data["authToken"] == nil)
        let again = try await world.call("POST", "/users", body, as: RESTWorld.withAuthKey)
        #expect((again.status, again.code) == (409, "ERR_UID_ALREADY_EXISTS"))
        let token = try await world.user("bob")
        let seen = try await world.call("GET", "/users/ALICE", as: RESTWorld.user(token))
        #expect(seen.data["metadata"] == .object(["k": .int(1)]))
        #expect(seen.data["email"] == nil, "not for others")
        #expect(try await world.call("GET", "/users/alice", as: RESTWorld.backend).data["email"]?.string == "a@e")
        #expect(try await world.call("GET", "/users/nobody", as: RESTWorld.backend).code == "ERR_UID_NOT_FOUND")
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "uid"), (#"{"uid":"a b","name":"x"}"#, "uid"), (#"{"uid":"a"}"#, "name"),
        (#"{"uid":"a","name":""}"#, "name"), (#"{"uid":"a","name":"x","tags":"t"}"#, "tags"),
        (#"{"uid":"a","name":"x","metadata":[]}"#, "metadata"), ("[]", "object"), ("{", "JSON"), ("", "JSON"),
    ])
    func aWrongFieldIsRefusedNamingIt(_ body: String, _ name: String) async throws {
        let answer = try await world.call("POST", "/users", body, as: RESTWorld.backend)
        #expect(answer.status == 400)
        #expect(answer.message.contains(name), "\(answer.message)")
    }

    @Test func aFormIsNoJSON() async throws {
        let headers = RESTWorld.backend.merging(["content-type": "multipart/form-data; boundary=x"]) { $1 }
        let answer = try await world.call("POST", "/users", "--x", as: headers)
        #expect(answer.status == 400)
        #expect(answer.message.hasPrefix("content-type"))
        let odd = RESTWorld.backend.merging(["content-type": "text/plain"]) { $1 }
        #expect(try await world.call("POST", "/users", #"{"uid":"a","name":"x"}"#, as: odd).status == 200)
    }

    @Test func onlyTheBackendDeactivatesAndDeletes() async throws {
        try await world.user("alice")
        let update = try await world.call("PUT", "/users/alice", #"{"deactivated":true}"#, as: RESTWorld.withAuthKey)
        #expect(update.status == 403)
        let deletion = try await world.call("DELETE", "/users/alice", as: RESTWorld.backend)
        #expect(deletion.data == .object(["success": .bool(true)]))
        #expect(try await world.call("GET", "/users/alice", as: RESTWorld.backend).status == 404)
    }

    @Test func usersAreListedInPagesWithoutTheCaller() async throws {
        let token = try await world.user("me")
        for index in 1...5 { try await world.user("u\(index)") }
        let page = try await world.call("GET", "/users?per_page=2&page=3", as: RESTWorld.user(token))
        #expect(page.data.items.map { $0["uid"]?.string } == ["u5"])
        let pagination = try #require(page.json["meta"]?["pagination"])
        #expect(pagination["total"] == .int(5))
        #expect(pagination["count"] == .int(1))
        #expect(pagination["per_page"] == .int(2))
        #expect(pagination["current_page"] == .int(3))
        #expect(pagination["total_pages"] == .int(3))
        let wide = try await world.call("GET", "/users?per_page=1000", as: RESTWorld.user(token))
        #expect(wide.json["meta"]?["pagination"]?["per_page"] == .int(100))
    }

    @Test(arguments: ["per_page=0", "per_page=x", "page=-1", "status=sleepy", "friendsOnly=maybe", "uids=a%20b"])
    func aParameterOutsideItsWordsIsRefusedNamingIt(_ query: String) async throws {
        let token = try await world.user("me")
        let answer = try await world.call("GET", "/users?\(query)", as: RESTWorld.user(token))
        #expect(answer.status == 400)
        #expect(answer.message.hasPrefix(query.prefix { $0 != "=" }), "\(answer.message)")
    }

    @Test func whoIsOnlineIsFilteredAndShown() async throws {
        let token = try await world.user("me")
        let other = try await world.user("other")
        try await world.user("third")
        try world.connect("other", token: other)
        func uids(_ query: String) async throws -> [String] {
            try await world.call("GET", "/users?\(query)", as: RESTWorld.user(token)).data.items.compactMap {
                $0["uid"]?.string
            }
        }
        #expect(try await uids("status=online") == ["other"])
        #expect(try await uids("status=available") == ["other"], "the SDKs' word")
        #expect(try await uids("status=offline") == ["third"])
        #expect(try await uids("uids=third,other&searchKey=thi") == ["third"])
        let seen = try await world.call("GET", "/users/other", as: RESTWorld.user(token))
        #expect(seen.data["status"]?.string == "online")
        #expect(seen.data["lastActiveAt"]?.int != nil)
    }

    @Test func friendsAreMutualAndForTheirOwnerToList() async throws {
        let token = try await world.user("alice")
        try await world.user("bob")
        let added = try await world.call(
            "POST", "/users/alice/friends", #"{"accepted":["bob","nobody","alice"]}"#, as: RESTWorld.backend)
        #expect(added.data["accepted"]?["bob"] == .object(["success": .bool(true)]))
        #expect(added.data["accepted"]?["nobody"]?["error"]?["code"]?.string == "ERR_UID_NOT_FOUND")
        #expect(added.data["accepted"]?["alice"]?["error"]?["code"]?.string == "ERR_BAD_REQUEST")
        let own = try await world.call("GET", "/users/alice/friends", as: RESTWorld.user(token))
        #expect(own.data.items.map { $0["uid"]?.string } == ["bob"])
        #expect(try await world.call("GET", "/users/bob/friends", as: RESTWorld.user(token)).status == 403)
        #expect(try await world.call("GET", "/users?friendsOnly=1", as: RESTWorld.user(token)).data.items.count == 1)
        #expect(try await world.call("GET", "/users?friendsOnly=1", as: RESTWorld.backend).status == 400)
        _ = try await world.call("DELETE", "/users/bob/friends", #"{"friends":["alice"]}"#, as: RESTWorld.backend)
        #expect(try await world.call("GET", "/users/alice/friends", as: RESTWorld.backend).data.items == [])
    }

    @Test func tokensAreMadeListedByHashAndDeleted() async throws {
        let first = try await world.user("alice")
        let made = try await world.call("POST", "/users/alice/auth_tokens", as: RESTWorld.withAuthKey)
        let second = try #require(made.data["authToken"]?.string)
        #expect(made.data["name"]?.string == "Name of alice")
        #expect(first != second)
        let list = try await world.call("GET", "/users/alice/auth_tokens", as: RESTWorld.backend)
        #expect(list.data.items.count == 2)
        #expect(!String(decoding: list.body, as: UTF8.self).contains(second))
        let gone = try await world.call("DELETE", "/users/alice/auth_tokens/\(second)", as: RESTWorld.backend)
        #expect(gone.status == 200)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(second)).status == 401)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(first)).status == 200)
        _ = try await world.call("DELETE", "/users/alice/auth_tokens", as: RESTWorld.backend)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(first)).status == 401)
    }
}
