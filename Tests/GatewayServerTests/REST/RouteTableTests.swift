import Testing

@testable import GatewayServer

@Suite struct RouteTableTests {
    @Test func everyRouteIsDescribedAndEveryDescribedOneIsOffered() throws {
        let offered =
            RouteTable.all.routes.map { "\($0.method) \($0.pattern)" } + OpsRoutes.paths.map { "GET \($0.dropFirst())" }
            + ["GET \(MediaRoutes.pattern)"]
        #expect(Set(offered).count == offered.count, "no route twice")
        let described = try APIDescription().operations
        #expect(described.subtracting(offered) == [])
        #expect(Set(offered).subtracting(described) == [])
    }

    @Test(arguments: ["", "/v3", "/v3.0"]) func pathsAreServedWithAndWithoutAPrefix(_ prefix: String) async throws {
        let world = try await RESTWorld()
        try await world.user("alice")
        let answer = try await world.call("GET", prefix + "/users/alice", as: RESTWorld.backend)
        #expect(answer.status == 200)
    }

    @Test(arguments: ["/nothing", "/users/a/b/c/d", "/users/", "/v3", "/v4/users", "/"])
    func anUnknownPathIs404(_ path: String) async throws {
        let world = try await RESTWorld()
        let answer = try await world.call("GET", path, as: RESTWorld.backend)
        #expect((answer.status, answer.code) == (404, "ERR_API_NOT_FOUND"))
    }

    @Test func aKnownPathWithAnotherMethodIs405NamingTheMethods() async throws {
        let world = try await RESTWorld()
        let answer = try await world.call("PATCH", "/groups/g/members", as: RESTWorld.backend)
        #expect(answer.status == 405)
        #expect(answer.header("allow") == "DELETE, GET, HEAD, POST, PUT")
        let inPublic = try await world.call("DELETE", "/users/alice", as: RESTWorld.withAuthKey)
        #expect(inPublic.status == 405)
        #expect(inPublic.header("allow") == "GET, HEAD, PUT")
    }

    @Test func aRouteOfTheBackendDoesNotExistInPublic() async throws {
        let world = try await RESTWorld { $0.public.allowApiKeys = true }
        for (method, path) in [
            ("POST", "/messages/bulk"), ("POST", "/users/a/disconnect"), ("GET", "/presence"), ("POST", "/typing"),
            ("POST", "/apps/dev/disconnect"), ("GET", "/metrics"), ("GET", "/openapi.yaml"),
        ] {
            let answer = try await world.call(method, path, "{}", as: RESTWorld.backend, on: .public)
            #expect((answer.status, answer.code) == (404, "ERR_API_NOT_FOUND"), "\(path)")
        }
    }

    @Test func theMostLiteralPathServes() throws {
        let (path, parameters) = try #require(RouteTable.all.find(["messages", "bulk"]))
        #expect(path.routes.map(\.pattern) == [BulkPublish.pattern])
        #expect(parameters == [])
        #expect(RouteTable.all.find(["messages", "7"])?.parameters == ["7"])
    }

    @Test func headIsServedLikeGet() async throws {
        let world = try await RESTWorld()
        let head = RESTWorld.head("HEAD", "/settings", ["appid": "dev"], .public)
        guard case .answer(let response) = world.router.handle(Request(head: head, body: [])) else {
            Issue.record("no answer")
            return
        }
        #expect(response.status == 200)
    }

    @Test func whileDrainingLaterRequestsAre503() async throws {
        let world = try await RESTWorld()
        world.services.health.setDraining()
        let answer = try await world.call("GET", "/settings", as: ["appid": "dev"])
        #expect((answer.status, answer.code) == (503, "ERR_UNAVAILABLE"))
        #expect(answer.header("retry-after") == "1")
        let bulk = world.router.begin(RESTWorld.head("POST", "/messages/bulk", RESTWorld.backend, .backend))
        guard case .refuse(let response) = bulk else {
            Issue.record("a bulk stream began while draining")
            return
        }
        #expect(response.status == 503)
        #expect(try await world.call("GET", "/readyz", as: [:], on: .ops).status == 503)
        #expect(try await world.call("GET", "/healthz", as: [:], on: .ops).status == 200)
    }

    @Test func theOpsListenerServesNothingElse() async throws {
        let world = try await RESTWorld()
        for path in ["/users", "/settings", "/openapi.yaml", "/playground/"] {
            #expect(try await world.call("GET", path, as: RESTWorld.backend, on: .ops).status == 404)
        }
        #expect(try await world.call("POST", "/healthz", as: [:], on: .ops).status == 405)
    }
}
