import ChatModel
import GatewayCore
import TLSEngine
import Testing
import WireProtocol

@testable import GatewayServer

@Suite struct OperatorRouteTests {
    private let world: RESTWorld
    private let token: String

    init() async throws {
        world = try await RESTWorld()
        token = try await world.user("alice")
        try await world.user("bob")
        try world.connect("alice", token: token, session: "s1")
    }

    @Test func presenceShowsConnectionsAndLeavesUnknownUsersOut() async throws {
        let rows = try await world.call("GET", "/presence?uids=alice,bob,nobody", as: RESTWorld.backend).data.items
        #expect(rows.map { $0["uid"]?.string } == ["alice", "bob"])
        #expect(rows.map { $0["status"]?.string } == ["online", "offline"])
        #expect(rows[0]["connections"]?[0]?["sessionId"]?.string == "s1")
        #expect(rows[0]["connections"]?[0]?["appState"]?.string == "foreground")
        #expect(rows[1]["connections"] == .array([]))
        let missing = try await world.call("GET", "/presence", as: RESTWorld.backend)
        #expect(missing.status == 400)
        #expect(missing.message.hasPrefix("uids"))
        let many = (0...OperatorRoutes.presenceMax).map { "u\($0)" }.joined(separator: ",")
        #expect(try await world.call("GET", "/presence?uids=\(many)", as: RESTWorld.backend).status == 400)
    }

    @Test func aGroupsOnlineMembersAreListed() async throws {
        try await world.group("g", owner: "bob", participants: ["alice"])
        let rows = try await world.call("GET", "/groups/g/online", as: RESTWorld.backend).data.items
        #expect(rows.map { $0["uid"]?.string } == ["alice"])
        #expect(try await world.call("GET", "/groups/nothing/online", as: RESTWorld.backend).status == 404)
    }

    @Test func disconnectingNamesTheUserTheTokenOrTheApp() async throws {
        _ = try await world.call("POST", "/users/alice/disconnect", #"{"token":"\#(token)"}"#, as: RESTWorld.backend)
        guard
            case .disconnect(let uid, let hash, .disconnectedByBackend)? = world.core.decisions.last?.projections.first
        else {
            Issue.record("nothing is disconnected")
            return
        }
        #expect(uid.text == "alice")
        #expect(hash == TokenHash(Digest.sha256(token)))
        _ = try await world.call("POST", "/apps/dev/disconnect", #"{"rate":50}"#, as: RESTWorld.backend)
        guard case .disconnectApp(rate: 50)? = world.core.decisions.last?.projections.first else {
            Issue.record("no app is disconnected")
            return
        }
        #expect(try await world.call("POST", "/apps/dev/disconnect", as: RESTWorld.backend).status == 200)
        let other = try await world.call("POST", "/apps/other/disconnect", as: RESTWorld.backend)
        #expect((other.status, other.code) == (403, "AUTH_ERR_NO_ACCESS"))
        #expect(try await world.call("POST", "/users/nobody/disconnect", as: RESTWorld.backend).status == 404)
    }

    @Test func typingAndTransientEventsArePublishedForAUser() async throws {
        let typing = #"{"receiver":"alice","receiverType":"user","action":"started"}"#
        #expect(try await world.call("POST", "/typing", typing, as: RESTWorld.acting("bob")).status == 200)
        let transient = #"{"receiver":"alice","receiverType":"user","data":{"k":1}}"#
        #expect(try await world.call("POST", "/transient", transient, as: RESTWorld.acting("bob")).status == 200)
        let kinds = world.core.ephemeral.filter { $0.user.record.uid.text == "bob" }.map { event in
            switch event.kind {
            case .typing: "typing"
            case .transient: "transient"
            case .presence: "presence"
            }
        }
        #expect(kinds == ["typing", "transient"])
        #expect(try await world.call("POST", "/typing", typing, as: RESTWorld.backend).status == 400)
        let wrong = try await world.call(
            "POST", "/typing", #"{"receiver":"alice","receiverType":"user"}"#, as: RESTWorld.acting("bob"))
        #expect(wrong.message.contains("action"))
    }
}
