import GatewayCore
import Testing

@testable import GatewayServer

@Suite struct ModerationRouteTests {
    private let world: RESTWorld
    private let alice: [String: String]
    private let mona: [String: String]
    private let bob: [String: String]
    private let eve: [String: String]

    /// Alice owns g, mona moderates it, bob takes part, eve does not.
    init() async throws {
        world = try await RESTWorld { $0.limits.passwordsPerMinute = 2 }
        alice = RESTWorld.user(try await world.user("alice"))
        mona = RESTWorld.user(try await world.user("mona"))
        bob = RESTWorld.user(try await world.user("bob"))
        eve = RESTWorld.user(try await world.user("eve"))
        let body = """
            {"guid":"g","name":"G","members":{"moderators":["mona"],"participants":["bob","nobody"],"usersToBan":[]}}
            """
        let made = try await world.call("POST", "/groups", body, as: alice)
        #expect(made.data["membersCount"] == .int(3))
        #expect(made.data["members"]?["data"]?["moderators"] == .object(["mona": .object(["success": .bool(true)])]))
        #expect(
            made.data["members"]?["data"]?["participants"]?["nobody"]?["error"]?["code"]?.string
                == "ERR_UID_NOT_FOUND")
    }

    private func expect(
        _ method: String, _ path: String, _ body: String? = nil, as who: [String: String], _ status: Int,
        _ code: String? = nil, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await world.call(method, path, body, as: who)
        #expect((answer.status, answer.code) == (status, code), "\(answer.message)", sourceLocation: location)
    }

    @Test func membersAreKickedByTheirRank() async throws {
        try await expect("DELETE", "/groups/g/members/mona", as: bob, 403, "ERR_GROUP_NO_CLEARANCE")
        try await expect("DELETE", "/groups/g/members/alice", as: mona, 403, "ERR_GROUP_NO_CLEARANCE")
        try await expect("DELETE", "/groups/g/members/eve", as: mona, 400, "ERR_NOT_A_MEMBER")
        try await expect("DELETE", "/groups/g/members/bob", as: eve, 403, "ERR_NOT_A_MEMBER")
        try await expect("DELETE", "/groups/g/members/bob", as: mona, 200)
        try await expect("DELETE", "/groups/g/members/bob", as: mona, 400, "ERR_NOT_A_MEMBER")
        try await expect("DELETE", "/groups/g/members/mona", as: RESTWorld.backend, 200)
        try await expect("DELETE", "/groups/g/members/a%20b", as: alice, 400, "ERR_BAD_REQUEST")
    }

    @Test func scopesChange() async throws {
        try await expect("PUT", "/groups/g/members/bob", #"{"scope":"moderator"}"#, as: mona, 200)
        try await expect("PUT", "/groups/g/members/bob", #"{"scope":"moderator"}"#, as: mona, 409, "ERR_SAME_SCOPE")
        try await expect("PUT", "/groups/g/members/bob", #"{"scope":"boss"}"#, as: mona, 400, "ERR_BAD_REQUEST")
        try await expect("PUT", "/groups/g/members/bob", "{}", as: mona, 400, "ERR_BAD_REQUEST")
        let action = try await world.call("GET", "/groups/g/messages?category=action", as: alice)
        #expect(action.data.items.last?["message"]?.string == "Name of mona made Name of bob moderator")
        #expect(action.data.items.last?["data"]?["extras"]?["scope"]?["old"]?.string == "participant")
        let members = try await world.call("GET", "/groups/g/members?scopes=moderator", as: alice)
        #expect(members.data.items.map { $0["uid"]?.string } == ["bob", "mona"])
    }

    @Test func bansKeepOutAndAreListedForThoseWhoBan() async throws {
        try await expect("POST", "/groups/g/bannedusers/bob", as: mona, 200)
        try await expect("POST", "/groups/g/bannedusers/bob", as: mona, 409, "ERR_ALREADY_BANNED")
        try await expect("POST", "/groups/g/bannedusers/eve", as: alice, 200)
        try await expect("POST", "/groups/g/members", as: bob, 403, "ERR_BANNED_GROUPMEMBER")
        try await expect(
            "POST", "/messages", RESTWorld.text(to: "g", kind: "group"), as: bob, 403, "ERR_BANNED_GROUPMEMBER")
        #expect(try await world.call("GET", "/groups/g", as: bob).data["isBanned"] == .bool(true))
        #expect(try await world.call("GET", "/groups/g", as: mona).data["isBanned"] == .bool(false))

        let list = try await world.call("GET", "/groups/g/bannedusers", as: mona)
        #expect(list.data.items.map { $0["uid"]?.string } == ["bob", "eve"])
        #expect(list.data.items.map { $0["scope"]?.string } == ["participant", nil])
        #expect(list.json["meta"]?["pagination"]?["total"] == .int(2))
        for (query, uids) in [
            ("searchKey=EVE", ["eve"]), ("scopes=participant", ["bob"]), ("per_page=1&page=2", ["eve"]),
        ] {
            let found = try await world.call("GET", "/groups/g/bannedusers?\(query)", as: RESTWorld.backend)
            #expect(found.data.items.map { $0["uid"]?.string } == uids)
        }
        try await expect("GET", "/groups/g/bannedusers", as: bob, 403, "ERR_BANNED_GROUPMEMBER")
        try await expect("DELETE", "/groups/g/bannedusers/eve", as: mona, 403, "ERR_GROUP_NO_CLEARANCE")
        try await expect("DELETE", "/groups/g/bannedusers/bob", as: mona, 200)
        try await expect("DELETE", "/groups/g/bannedusers/bob", as: mona, 400, "ERR_NOT_A_BANNED_USER")
        try await expect("POST", "/groups/g/members", as: bob, 200)
        try await expect("GET", "/groups/g/bannedusers", as: bob, 403, "ERR_GROUP_NO_MODERATOR_SCOPE")
    }

    @Test func usersToBanAreAnsweredInTheirOwnMap() async throws {
        let body = #"{"participants":["eve"],"usersToBan":["bob","nobody","alice","bob"]}"#
        let answer = try await world.call("PUT", "/groups/g/members", body, as: alice)
        #expect(answer.data["participants"]?["eve"]?["success"] == .bool(true))
        let banned = answer.data["usersToBan"]
        #expect(banned?["bob"]?["success"] == .bool(true))
        #expect(banned?["nobody"]?["error"]?["code"]?.string == "ERR_UID_NOT_FOUND")
        #expect(banned?["alice"]?["error"]?["code"]?.string == "ERR_GROUP_NO_SELF_ACTION")
    }

    @Test func anUpdateAnswersTheGroupAsItIs() async throws {
        let body = """
            {"guid":"other","owner":"bob","members":{},"name":"New","icon":"i","description":"d","metadata":{"k":1},"tags":["t"]}
            """
        let answer = try await world.call("PUT", "/groups/g", body, as: mona)
        #expect(answer.status == 200)
        #expect(answer.data["guid"]?.string == "g" && answer.data["owner"]?.string == "alice")
        #expect(answer.data["name"]?.string == "New" && answer.data["metadata"]?["k"] == .int(1))
        #expect(answer.data["scope"]?.string == "moderator")
        #expect(try await world.call("GET", "/groups/g", as: eve).data["description"]?.string == "d")
        try await expect("PUT", "/groups/g", #"{"name":"x"}"#, as: bob, 403, "ERR_GROUP_NO_MODERATOR_SCOPE")
        try await expect("PUT", "/groups/g", #"{"name":""}"#, as: mona, 400, "ERR_BAD_REQUEST")
        try await expect("PUT", "/groups/g", #"{"type":"private"}"#, as: mona, 200)
        try await expect("PUT", "/groups/g", #"{"name":"x"}"#, as: eve, 404, "ERR_GUID_NOT_FOUND")
    }

    @Test func theOwnerGivesTheGroupAway() async throws {
        try await expect("PATCH", "/groups/g/owner", #"{"owner":"eve"}"#, as: alice, 400, "ERR_NOT_A_MEMBER")
        try await expect("PATCH", "/groups/g/owner", #"{"owner":"bob"}"#, as: mona, 403, "ERR_GROUP_NO_CLEARANCE")
        try await expect("PATCH", "/groups/g/owner", "{}", as: alice, 400, "ERR_BAD_REQUEST")
        let answer = try await world.call("PATCH", "/groups/g/owner", #"{"owner":"bob"}"#, as: alice)
        #expect(answer.data["owner"]?.string == "bob")
        try await expect("DELETE", "/groups/g/members", as: alice, 200)
        try await expect("DELETE", "/groups/g", as: bob, 200)
    }

    // MARK: Passwords

    private func lock(_ password: String = "sesame") async throws {
        let body = #"{"guid":"p","name":"P","type":"password","password":"\#(password)"}"#
        let made = try await world.call("POST", "/groups", body, as: RESTWorld.acting("alice"))
        #expect((made.status, made.data["type"]?.string) == (200, "password"))
        #expect(!String(decoding: made.body, as: UTF8.self).contains("sesame"))
    }

    @Test func aPasswordOpensItsGroupAndNothingElse() async throws {
        try await lock()
        try await expect("POST", "/groups/p/members", as: bob, 400, "ERR_EMPTY_GROUP_PASS")
        try await expect("POST", "/groups/p/members", #"{"password":""}"#, as: bob, 400, "ERR_EMPTY_GROUP_PASS")
        try await expect("POST", "/groups/p/members", #"{"password":"open"}"#, as: bob, 400, "ERR_WRONG_GROUP_PASS")
        try await expect("POST", "/groups/p/members", #"{"password":"sesame"}"#, as: bob, 200)
        try await expect("POST", "/groups/p/members", #"{"password":"wrong"}"#, as: bob, 409, "ERR_ALREADY_JOINED")
        let long = String(repeating: "x", count: 101)
        try await expect("POST", "/groups/p/members", #"{"password":"\#(long)"}"#, as: eve, 400, "ERR_BAD_REQUEST")
        try await expect(
            "POST", "/groups", #"{"guid":"q","name":"Q","type":"password"}"#, as: alice, 400, "ERR_EMPTY_GROUP_PASS")
        for path in ["/groups/p", "/groups", "/groups/p/members", "/groups/p/messages"] {
            let answer = try await world.call("GET", path, as: bob)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 200 && !text.contains("sesame") && !text.contains("scrypt"), "\(path)")
        }
    }

    @Test func aNewPasswordReplacesTheOldAndAnotherTypeDropsIt() async throws {
        try await lock()
        try await expect("PUT", "/groups/p", #"{"password":"new"}"#, as: RESTWorld.acting("alice"), 200)
        try await expect("POST", "/groups/p/members", #"{"password":"sesame"}"#, as: bob, 400, "ERR_WRONG_GROUP_PASS")
        try await expect("POST", "/groups/p/members", #"{"password":"new"}"#, as: bob, 200)
        try await expect("PUT", "/groups/p", #"{"type":"public","password":"x"}"#, as: alice, 200)
        try await expect("POST", "/groups/p/members", as: eve, 200)
        try await expect("PUT", "/groups/p", #"{"type":"password"}"#, as: alice, 400, "ERR_EMPTY_GROUP_PASS")
    }

    @Test func wrongPasswordsAreCountedAndRightOnesAreNot() async throws {
        try await lock()
        for _ in 0..<2 {
            try await expect("POST", "/groups/p/members", #"{"password":"x"}"#, as: bob, 400, "ERR_WRONG_GROUP_PASS")
        }
        let refused = try await world.call("POST", "/groups/p/members", #"{"password":"sesame"}"#, as: bob)
        #expect((refused.status, refused.code) == (429, "ERR_TOO_MANY_REQUESTS"))
        #expect(refused.header("retry-after") != nil)
        #expect(refused.header("x-rate-limit") == "2")
        for _ in 0..<4 {
            try await expect("POST", "/groups/p/members", #"{"password":"sesame"}"#, as: eve, 200)
            try await expect("DELETE", "/groups/p/members", as: eve, 200)
        }
        for _ in 0..<3 {
            try await expect(
                "POST", "/groups/p/members", #"{"password":"x"}"#, as: RESTWorld.acting("eve"), 400,
                "ERR_WRONG_GROUP_PASS")
        }
    }

    @Test func aStrangerMakesNoWork() async throws {
        try await lock()
        let stranger = RESTWorld.user("no-such-token")
        try await expect(
            "POST", "/groups/p/members", #"{"password":"x"}"#, as: stranger, 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
        try await expect(
            "POST", "/groups", #"{"guid":"q","name":"Q","type":"password","password":"x"}"#, as: stranger, 401,
            "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
        try await expect(
            "PUT", "/groups/p", #"{"password":"x"}"#, as: stranger, 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
        #expect(world.services.passwords.attempts.count == 0)
    }

    // MARK: Lists

    @Test func groupsAndMembersAreFiltered() async throws {
        for name in ["hasJoined", "joinedOnly"] {
            #expect(try await world.call("GET", "/groups?\(name)=1", as: bob).data.items.count == 1)
            #expect(try await world.call("GET", "/groups?\(name)=1", as: eve).data.items == [])
        }
        try await expect("PUT", "/groups/g", #"{"tags":["t"]}"#, as: alice, 200)
        let tagged = try await world.call("GET", "/groups?tags=t&withTags=1", as: eve)
        #expect(tagged.data.items.first?["tags"] == .array([.string("t")]))
        #expect(try await world.call("GET", "/groups?tags=u", as: eve).data.items == [])
        let online = try await world.call("GET", "/groups/g/members?status=online", as: bob)
        #expect(online.data.items == [])
        #expect(try await world.call("GET", "/groups/g/members?status=offline", as: bob).data.items.count == 3)
        try await expect("GET", "/groups/g/members?status=away", as: bob, 400, "ERR_BAD_REQUEST")
    }
}
