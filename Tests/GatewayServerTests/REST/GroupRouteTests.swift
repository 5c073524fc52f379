import Testing

@testable import GatewayServer

@Suite struct GroupRouteTests {
    private let world: RESTWorld
    private let alice: [String: String]
    private let bob: [String: String]

    init() async throws {
        world = try await RESTWorld()
        alice = RESTWorld.user(try await world.user("alice"))
        bob = RESTWorld.user(try await world.user("bob"))
    }

    @Test func aGroupIsMadeSeenAndDeleted() async throws {
        let body = #"{"guid":"Team","name":"T","type":"public","tags":["a"],"members":{"participants":["bob"]}}"#
        let made = try await world.call("POST", "/groups", body, as: alice)
        #expect(made.data["guid"]?.string == "team")
        #expect(made.data["owner"]?.string == "alice")
        #expect(made.data["membersCount"] == .int(2))
        #expect(made.data["hasJoined"] == .bool(true))
        #expect(made.data["scope"]?.string == "admin")
        #expect(try await world.call("POST", "/groups", body, as: alice).code == "ERR_GUID_ALREADY_EXISTS")
        let seen = try await world.call("GET", "/groups/TEAM", as: bob)
        #expect(seen.data["scope"]?.string == "participant")
        let system = try await world.call("GET", "/groups/team", as: RESTWorld.backend)
        #expect(system.data["hasJoined"] == nil, "the system stands to no group")
        #expect(try await world.call("DELETE", "/groups/team", as: bob).status == 403)
        #expect(try await world.call("DELETE", "/groups/team", as: alice).status == 200)
        #expect(try await world.call("GET", "/groups/team", as: alice).code == "ERR_GUID_NOT_FOUND")
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "guid"), (#"{"guid":"a b","name":"x"}"#, "guid"), (#"{"guid":"g"}"#, "name"),
        (#"{"guid":"g","name":"x","type":"secret"}"#, "type"),
        (#"{"guid":"g","name":"x","members":{"usersToBan":["b b"]}}"#, "usersToBan"),
    ])
    func aWrongFieldIsRefusedNamingIt(_ body: String, _ name: String) async throws {
        let answer = try await world.call("POST", "/groups", body, as: alice)
        #expect(answer.status == 400)
        #expect(answer.message.contains(name), "\(answer.message)")
    }

    @Test func theSystemNamesTheOwner() async throws {
        let body = #"{"guid":"g","name":"x","owner":"bob"}"#
        #expect(try await world.call("POST", "/groups", body, as: RESTWorld.backend).data["owner"]?.string == "bob")
        let nameless = try await world.call("POST", "/groups", #"{"guid":"h","name":"x"}"#, as: RESTWorld.backend)
        #expect(nameless.status == 400)
        let acting = #"{"guid":"i","name":"x","owner":"bob"}"#
        #expect(try await world.call("POST", "/groups", acting, as: alice).data["owner"]?.string == "alice")
    }

    @Test func aPrivateGroupDoesNotExistForANonMember() async throws {
        try await world.group("hidden", owner: "alice", type: "private")
        for path in ["/groups/hidden", "/groups/hidden/members", "/groups/hidden/messages"] {
            let answer = try await world.call("GET", path, as: bob)
            #expect((answer.status, answer.code) == (404, "ERR_GUID_NOT_FOUND"), "\(path)")
            #expect(try await world.call("GET", path, as: alice).status == 200)
            #expect(try await world.call("GET", path, as: RESTWorld.backend).status == 200)
        }
        #expect(try await world.call("GET", "/groups", as: bob).data.items == [])
        #expect(try await world.call("GET", "/groups?type=private", as: alice).data.items.count == 1)
        #expect(try await world.call("GET", "/groups?type=public", as: alice).data.items == [])
    }

    @Test func joiningAndLeavingAnswerAndCount() async throws {
        try await world.group("g", owner: "alice")
        let joined = try await world.call("POST", "/groups/g/members", as: bob)
        #expect(joined.data["category"]?.string == "action")
        #expect(joined.data["data"]?["action"]?.string == "joined")
        #expect(joined.data["message"]?.string == "Name of bob joined")
        #expect(joined.data["data"]?["entities"]?["for"]?["entity"]?["membersCount"] == .int(2))
        #expect(try await world.call("POST", "/groups/g/members", "{}", as: bob).code == "ERR_ALREADY_JOINED")
        #expect(try await world.call("POST", "/groups/g/members", as: RESTWorld.backend).status == 400)
        #expect(try await world.call("GET", "/groups?hasJoined=1", as: bob).data.items.count == 1)
        #expect(try await world.call("DELETE", "/groups/g/members", as: bob).status == 200)
        let twice = try await world.call("DELETE", "/groups/g/members", as: bob)
        #expect((twice.status, twice.code) == (403, "ERR_NOT_A_MEMBER"))
        #expect(try await world.call("DELETE", "/groups/g/members", as: alice).code == "ERR_OWNER_CANNOT_LEAVE")
    }

    @Test func addingAnswersFourMapsWithEachUidInItsOwn() async throws {
        try await world.group("g", owner: "alice")
        try await world.user("carol")
        let body = """
            {"admins":["carol"],"moderators":[],"participants":["bob","carol","nobody","bob"],"usersToBan":[]}
            """
        let added = try await world.call("PUT", "/groups/g/members", body, as: alice)
        let success = JSONValue.object(["success": .bool(true)])
        #expect(added.data["admins"] == .object(["carol": success]))
        #expect(added.data["moderators"] == .object([:]))
        #expect(added.data["participants"]?["bob"] == success)
        #expect(added.data["participants"]?["nobody"]?["error"]?["code"]?.string == "ERR_UID_NOT_FOUND")
        #expect(added.data["participants"]?["carol"]?["error"]?["code"]?.string == "ERR_ALREADY_JOINED")
        #expect(added.data["usersToBan"] == .object([:]))
        #expect(try await world.call("PUT", "/groups/g/members", "{}", as: alice).status == 400)
        let denied = try await world.call("PUT", "/groups/g/members", #"{"participants":["x"]}"#, as: bob)
        #expect((denied.status, denied.code) == (403, "ERR_GROUP_NO_ADMIN_SCOPE"))
        let members = try await world.call("GET", "/groups/g/members?scopes=admin,participant", as: bob)
        #expect(members.data.items.map { $0["uid"]?.string } == ["alice", "carol", "bob"])
        #expect(try await world.call("GET", "/groups/g/members?scopes=boss", as: bob).status == 400)
        let found = try await world.call("GET", "/groups/g/members?searchKey=CAR", as: bob)
        #expect(found.data.items.map { $0["scope"]?.string } == ["admin"])
    }
}
