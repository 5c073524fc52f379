import Testing

@testable import GatewayServer

@Suite struct CrossOriginTests {
    private static let allowed = "https://app.example"

    private func world(_ origins: [String] = [allowed]) async throws -> RESTWorld {
        try await RESTWorld { $0.public.allowedOrigins = origins }
    }

    private func headers(_ origin: String) -> [String: String] {
        ["appid": "dev", "host": "chat.example:8443", "origin": origin]
    }

    @Test func anAllowedPageGetsItsOriginBackAlsoWithARefusal() async throws {
        let world = try await world()
        for path in ["/settings", "/me", "/nothing"] {
            let answer = try await world.call("GET", path, as: headers(Self.allowed))
            #expect(answer.header("access-control-allow-origin") == Self.allowed, "\(path)")
            #expect(answer.header("vary") == "origin")
        }
    }

    @Test func answersThatComeLaterCarryItToo() async throws {
        let world = try await world()
        let token = try await world.user("alice")
        for (method, path) in [("GET", "/me"), ("GET", "/users"), ("DELETE", "/me")] {
            let asked = headers(Self.allowed).merging(["authtoken": token]) { $1 }
            let answer = try await world.call(method, path, as: asked)
            #expect(answer.status == 200)
            #expect(answer.header("access-control-allow-origin") == Self.allowed, "\(method) \(path)")
        }
    }

    @Test(arguments: ["https://evil.example", "https://app.example.evil", "http://app.example", "null"])
    func aForeignPageIsServedWithoutHeaders(_ origin: String) async throws {
        let answer = try await world().call("GET", "/settings", as: headers(origin))
        #expect(answer.status == 200)
        #expect(answer.header("access-control-allow-origin") == nil)
    }

    @Test func theGatewaysOwnPageIsAllowed() async throws {
        let answer = try await world([]).call("GET", "/settings", as: headers("https://chat.example:8443"))
        #expect(answer.header("access-control-allow-origin") == "https://chat.example:8443")
    }

    @Test func aPreflightNamesMethodsAndHeaders() async throws {
        let world = try await world()
        var asked = headers(Self.allowed).merging(["access-control-request-method": "POST"]) { $1 }
        asked["appid"] = nil
        let answer = try await world.call("OPTIONS", "/messages", as: asked)
        #expect(answer.status == 204)
        #expect(answer.body == [])
        #expect(answer.header("access-control-allow-methods") == "GET, POST, PUT, PATCH, DELETE")
        #expect(answer.header("access-control-allow-headers")?.contains("chatApiVersion") == true)
        asked["origin"] = "https://evil.example"
        let foreign = try await world.call("OPTIONS", "/messages", as: asked)
        #expect(foreign.header("access-control-allow-origin") == nil)
    }

    @Test(arguments: ["https://a\tb", "https://a b", "https://\u{e4}"])
    func whatIsNoOriginIsNeverSentBack(_ origin: String) {
        #expect(!CrossOrigin.allows(origin, host: nil, allowed: ["*"]))
        #expect(CrossOrigin.allows("https://a", host: nil, allowed: ["*"]))
    }

    @Test func theUnixSocketKnowsNoPages() async throws {
        let world = try await world()
        let asked = RESTWorld.backend.merging(["origin": Self.allowed]) { $1 }
        let answer = try await world.call("GET", "/users", as: asked)
        #expect(answer.header("access-control-allow-origin") == nil)
    }
}
