import Reactor
import Testing

@testable import GatewayServer

@Suite struct AttemptLimitTests {
    private static let source = SocketAddress.ipv4(address: 0xC000_0201, port: 1)
    private static let peer = Peer(address: "192.0.2.1", source: source)
    private static let wrong = ["appid": "dev", "authtoken": "wrong"]

    private func world(_ perMinute: Int) async throws -> RESTWorld {
        try await RESTWorld { $0.limits.authPerMinute = perMinute }
    }

    @Test(arguments: [
        ("GET", "/me", ["appid": "dev", "authtoken": "wrong"]),
        ("DELETE", "/me", ["appid": "dev", "authtoken": "wrong"]),
        ("POST", "/users/alice/auth_tokens", ["appid": "dev", "apikey": "wrong"]),
    ]) func aWrongCredentialIsCountedWhereverItIsFound(
        _ method: String, _ path: String, _ headers: [String: String]
    ) async throws {
        let world = try await world(2)
        for _ in 0..<2 { #expect(try await world.call(method, path, "{}", as: headers, peer: Self.peer).status == 401) }
        let over = try await world.call(method, path, "{}", as: headers, peer: Self.peer)
        #expect((over.status, over.code) == (429, "ERR_TOO_MANY_REQUESTS"))
        #expect(over.header("x-rate-limit") == "2")
        #expect(over.header("x-rate-limit-remaining") == "0")
        #expect(try #require(over.header("retry-after").flatMap(Int.init)) >= 1)
        #expect(over.header("x-rate-limit-reset") != nil)
    }

    @Test func whatPresentsNothingIsNoAttempt() async throws {
        let world = try await world(1)
        for _ in 0..<5 {
            #expect(try await world.call("GET", "/me", as: ["appid": "dev"], peer: Self.peer).status == 401)
        }
        #expect(try await world.call("GET", "/me", as: Self.wrong, peer: Self.peer).status == 401)
        #expect(try await world.call("GET", "/me", as: Self.wrong, peer: Self.peer).status == 429)
        #expect(try await world.call("GET", "/settings", as: ["appid": "dev"], peer: Self.peer).status == 200)
    }

    @Test func aGoodCredentialCostsNothing() async throws {
        let world = try await world(1)
        let token = try await world.user("alice")
        for _ in 0..<5 {
            #expect(try await world.call("GET", "/me", as: RESTWorld.user(token), peer: Self.peer).status == 200)
        }
        #expect(world.services.addresses.failingAddresses == 0)
    }

    @Test func theBackendIsNoAddress() async throws {
        let world = try await world(1)
        let headers = ["appid": "dev", "apikey": "wrong"]
        for _ in 0..<5 { #expect(try await world.call("GET", "/users", as: headers, on: .backend).status == 401) }
    }

    @Test func zeroIsOff() async throws {
        let world = try await world(0)
        for _ in 0..<5 { #expect(try await world.call("GET", "/me", as: Self.wrong, peer: Self.peer).status == 401) }
    }
}
