import Testing

@testable import GatewayServer

@Suite struct FeedRouteTests {
    private func world() async throws -> RESTWorld {
        let world = try await RESTWorld()
        try await world.user("alice")
        try await world.user("bob")
        for _ in 0..<3 {
            let sent = try await world.call(
                "POST", "/messages",
                #"{"receiver":"bob","receiverType":"user","category":"message","type":"text","data":{"text":"hi"}}"#,
                as: RESTWorld.acting("alice"))
            #expect(sent.status == 200)
        }
        return world
    }

    @Test(
        arguments: [
            ("/events", 3), ("/events?after=0", 0), ("/events?after=2", 2), ("/events?after=3", 3),
            ("/events?after=99", 3),
        ] as [(String, Int64)]) func aReaderBeginsWhereItAsks(_ target: String, _ after: Int64) async throws
    {
        let world = try await world()
        let answer = try await world.call("GET", target, as: RESTWorld.backend)
        #expect(answer.status == 200)
        #expect(world.followed == FeedSubscription(app: world.appNumber, after: after))
    }

    @Test(arguments: ["-1", "x", "", "1.5", "99999999999999999999"])
    func aPositionThatIsNoneIs400(_ after: String) async throws {
        let world = try await world()
        let answer = try await world.call("GET", "/events?after=\(after)", as: RESTWorld.backend)
        #expect((answer.status, answer.code) == (400, "ERR_BAD_REQUEST"))
        #expect(answer.message.hasPrefix("after:"))
        #expect(world.followed == nil)
    }

    @Test func onlyTheBackendFollows() async throws {
        let world = try await world()
        #expect(try await world.call("GET", "/events", as: RESTWorld.backend, on: .public).status == 404)
        #expect(try await world.call("GET", "/events", as: ["appid": "dev"], on: .backend).status == 401)
        #expect(try await world.call("GET", "/events", as: RESTWorld.withAuthKey, on: .backend).status == 403)
    }
}
