import Testing

@testable import GatewayServer

@Suite struct IdentityTests {
    fileprivate struct Case: Sendable {
        let headers: [String: String]
        let listener: ListenerKind
        let method: String
        let path: String
        let expected: (status: Int, code: String)
    }

    private static let dev = ["appid": "dev"]
    private static let cases: [Case] = [
        .init([:], .public, "GET", "/me", 401, "AUTH_ERR_EMPTY_APPID"),
        .init(["appid": "nobody"], .public, "GET", "/me", 403, "AUTH_ERR_INVALID_APPID"),
        .init(dev, .public, "GET", "/me", 401, "AUTH_ERR_EMPTY_AUTH_TOKEN"),
        .init(["appid": "dev", "authtoken": "wrong"], .public, "GET", "/me", 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
        .init(["appid": "dev", "authtoken": "wrong"], .public, "DELETE", "/me", 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
        .init(dev, .public, "POST", "/users/alice/auth_tokens", 401, "AUTH_ERR_EMPTY_APIKEY"),
        .init(
            ["appid": "dev", "apikey": "wrong"], .public, "GET", "/settings", 401, "AUTH_ERR_APIKEY_NOT_FOUND"),
        .init(
            ["appid": "dev", "apikey": "other-auth"], .public, "POST", "/users/alice/auth_tokens", 401,
            "AUTH_ERR_APIKEY_NOT_FOUND"),
        .init(RESTWorld.backend, .public, "GET", "/users", 403, "AUTH_ERR_NO_ACCESS"),
        .init(RESTWorld.withAuthKey, .public, "GET", "/users", 403, "AUTH_ERR_NO_ACCESS"),
        .init(RESTWorld.withAuthKey, .backend, "POST", "/typing", 403, "AUTH_ERR_NO_ACCESS"),
        .init(RESTWorld.withAuthKey, .backend, "DELETE", "/users/alice", 403, "AUTH_ERR_NO_ACCESS"),
        .init(dev, .backend, "GET", "/users", 401, "AUTH_ERR_EMPTY_APIKEY"),
        .init(
            ["appid": "dev", "apikey": "other-api"], .backend, "GET", "/users", 401, "AUTH_ERR_APIKEY_NOT_FOUND"),
        .init(RESTWorld.acting("a b"), .backend, "GET", "/users", 400, "ERR_BAD_REQUEST"),
        .init(RESTWorld.acting("nobody"), .backend, "GET", "/users", 404, "ERR_UID_NOT_FOUND"),
    ]

    @Test(arguments: cases.indices) func aWrongCredentialIsRefused(_ index: Int) async throws {
        let asked = Self.cases[index]
        let world = try await RESTWorld()
        try await world.user("alice")
        let answer = try await world.call(asked.method, asked.path, "{}", as: asked.headers, on: asked.listener)
        #expect((answer.status, answer.code) == (asked.expected.status, asked.expected.code))
    }

    @Test func aFullAccessKeyWorksInPublicWhenTurnedOn() async throws {
        let world = try await RESTWorld { $0.public.allowApiKeys = true }
        try await world.user("alice")
        #expect(try await world.call("GET", "/users/alice", as: RESTWorld.backend, on: .public).status == 200)
    }

    @Test func aTrustedPeerNeedsNoKeyButAWrongOneIsRefused() async throws {
        let world = try await RESTWorld { $0.backend.allowGids = ["77"] }
        try await world.user("alice")
        let trusted = Peer(address: "unix", uid: 5, gid: 77)
        let stranger = Peer(address: "unix", uid: 5, gid: 78)
        let answer = try await world.call("GET", "/users/alice", as: Self.dev, on: .backend, peer: trusted)
        #expect(answer.status == 200)
        let refused = try await world.call("GET", "/users/alice", as: Self.dev, on: .backend, peer: stranger)
        #expect(refused.code == "AUTH_ERR_EMPTY_APIKEY")
        let wrong = try await world.call(
            "GET", "/users/alice", as: ["appid": "dev", "apikey": "x"], on: .backend, peer: trusted)
        #expect(wrong.code == "AUTH_ERR_APIKEY_NOT_FOUND")
    }

    @Test func theTokenOfOneAppOpensNoOther() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice")
        let answer = try await world.call("GET", "/me", as: ["appid": "other", "authtoken": token])
        #expect(answer.code == "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    }

    @Test func onBehalfOfMeansNothingToAClient() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice")
        try await world.user("bob")
        let headers = RESTWorld.user(token).merging(["onbehalfof": "bob"]) { $1 }
        let sent = try await world.call("POST", "/messages", RESTWorld.text(to: "bob"), as: headers)
        #expect(sent.data["sender"]?.string == "alice")
    }

    @Test func aDeactivatedUserIsRefused403AndADeletedOne401() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice")
        _ = try await world.call("DELETE", "/users/alice", #"{"permanent":false}"#, as: RESTWorld.backend)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(token)).status == 403)
        let back = try await world.call("PUT", "/users/alice", #"{"deactivated":false}"#, as: RESTWorld.backend)
        #expect(back.data["deactivatedAt"] == nil)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(token)).status == 200)
        _ = try await world.call("DELETE", "/users/alice", as: RESTWorld.backend)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(token)).code == "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    }
}

extension IdentityTests.Case {
    fileprivate init(
        _ headers: [String: String], _ listener: ListenerKind, _ method: String, _ path: String, _ status: Int,
        _ code: String
    ) {
        self.init(headers: headers, listener: listener, method: method, path: path, expected: (status, code))
    }
}
