import ChatModel
import Testing

@testable import GatewayServer

@Suite struct OnlineRouteTests {
    private static let path = "/api/v3.0/online-members"
    private let world: RESTWorld
    private let alice: String
    private let jwt: String

    init() async throws {
        world = try await RESTWorld()
        alice = try await world.user("alice")
        let bob = try await world.user("bob")
        try await world.user("carol")
        try world.connect("alice", token: alice, session: "a")
        try world.connect("bob", token: bob, session: "b")
        try await world.group("g", owner: "bob", participants: ["alice", "carol"])
        try await world.group("secret", owner: "bob", type: "private")
        jwt = try #require(try await world.call("GET", "/me", as: RESTWorld.user(alice)).data["jwt"]?.string)
    }

    private func ask(_ body: String? = "{}", _ authorization: String? = nil) async throws -> RESTWorld.Answer {
        try await world.call(
            "POST", Self.path, body, as: ["appid": RESTWorld.app, "authorization": authorization ?? jwt])
    }

    @Test func theWholeAppIsCounted() async throws {
        #expect(try await ask().data == .object(["onlineUsersCount": .int(2)]))
        #expect(try await ask("").data == .object(["onlineUsersCount": .int(2)]))
        #expect(try await ask(#"{"groups":null}"#).data == .object(["onlineUsersCount": .int(2)]))
    }

    @Test func groupsAreCountedByTheirMembersAndOnlyThoseTheCallerMayKnow() async throws {
        let mine = try await ask(#"{"groups":["G","secret","nothing"]}"#)
        #expect(mine.data == .object(["groups": .object(["g": .int(2)])]))
        let all = try await world.call("POST", Self.path, #"{"groups":["g","secret"]}"#, as: RESTWorld.backend)
        #expect(all.data["groups"] == .object(["g": .int(2), "secret": .int(1)]))
        #expect(try await ask(#"{"groups":[]}"#).data["groups"] == .object([:]))
        #expect(try await ask(#"{"groups":"g"}"#).status == 400)
    }

    @Test func theCredentialIsCheckedAsAtAuth() async throws {
        for wrong in ["no-such-token", "a.b.c", jwt + "x", "Bearer " + jwt] {
            let answer = try await ask("{}", wrong)
            #expect((answer.status, answer.code) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"), "\(wrong)")
        }
        #expect(try await ask("{}", alice).status == 200, "an auth token itself")
        #expect(try await world.call("POST", Self.path, "{}", as: RESTWorld.user(alice)).status == 200)
        let none = try await world.call("POST", Self.path, "{}", as: ["appid": RESTWorld.app])
        #expect((none.status, none.code) == (401, "AUTH_ERR_EMPTY_AUTH_TOKEN"))
        #expect(try await world.call("POST", Self.path, "{}", as: RESTWorld.withAuthKey).status == 403)
        let long = try await ask("{}", String(repeating: "x", count: 9_000))
        #expect(long.status == 401)
    }

    @Test func aRevokedTokenEndsItsJWTsAndADeactivatedUserIsRefused() async throws {
        _ = try await world.call("DELETE", "/users/alice", #"{"permanent":false}"#, as: RESTWorld.backend)
        #expect(try await ask().status == 403)
        _ = try await world.call("PUT", "/users/alice", #"{"deactivated":false}"#, as: RESTWorld.backend)
        #expect(try await ask().status == 200)
        _ = try await world.call("DELETE", "/users/alice/auth_tokens", as: RESTWorld.backend)
        #expect(try await ask().status == 401)
    }

    @Test func oneGroupShowsHowManyAreOnline() async throws {
        let group = try await world.call("GET", "/groups/g", as: RESTWorld.user(alice))
        #expect(group.data["onlineMembersCount"] == .int(2))
        #expect(group.data["membersCount"] == .int(3))
        #expect(try await world.call("GET", "/groups/secret", as: RESTWorld.user(alice)).status == 404)
    }
}
