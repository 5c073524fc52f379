import GatewayCore
import Testing

@testable import GatewayServer

@Suite struct BlockRouteTests {
    private let world: RESTWorld
    private let alice: String
    private let bob: String

    init() async throws {
        world = try await RESTWorld()
        alice = try await world.user("alice")
        bob = try await world.user("bob")
        try await world.user("carol")
    }

    private func block(_ token: String, _ uids: String, method: String = "POST") async throws -> RESTWorld.Answer {
        try await world.call(method, "/blockedusers", #"{"blockedUids":[\#(uids)]}"#, as: RESTWorld.user(token))
    }

    private func list(_ token: String, _ target: String, _ more: [String: String] = [:]) async throws -> [String] {
        let answer = try await world.call("GET", target, as: RESTWorld.user(token).merging(more) { $1 })
        return answer.data.items.compactMap { $0["uid"]?.string }
    }

    @Test func eachUserHasAResultOfTheirOwn() async throws {
        let answer = try await block(alice, #""BOB","nobody","alice""#)
        #expect(answer.status == 200)
        #expect(answer.data["bob"]?["success"] == .bool(true))
        #expect(answer.data["bob"]?["message"]?.string?.contains("bob") == true)
        #expect(answer.data["nobody"]?["success"] == .bool(false))
        #expect(answer.data["nobody"]?["error"]?["code"]?.string == "ERR_UID_NOT_FOUND")
        #expect(answer.data["alice"]?["error"]?["code"]?.string == "ERR_CANNOT_BLOCK_SELF")
        let again = try await block(alice, #""bob""#, method: "DELETE")
        #expect(again.data["bob"]?["success"] == .bool(true))
        #expect(try await block(alice, #""bob""#, method: "DELETE").data["bob"]?["success"] == .bool(true))
    }

    @Test func oneselfAloneIsRefusedAsAWhole() async throws {
        let answer = try await block(alice, #""Alice""#)
        #expect((answer.status, answer.code) == (400, "ERR_CANNOT_BLOCK_SELF"))
    }

    @Test func theListIsTheCallersAndTheBackendNamesOne() async throws {
        #expect(try await world.call("GET", "/blockedusers", as: RESTWorld.backend).status == 400)
        #expect(try await world.call("GET", "/blockedusers", as: RESTWorld.withAuthKey).status == 403)
        let body = #"{"blockedUids":["bob"]}"#
        #expect(try await world.call("POST", "/blockedusers", body, as: RESTWorld.backend).status == 400)
        #expect(try await world.call("POST", "/blockedusers", body, as: RESTWorld.acting("alice")).status == 200)
        #expect(try await list(alice, "/blockedusers") == ["bob"])
        let seen = try await world.call("GET", "/blockedusers", as: RESTWorld.acting("bob"))
        #expect(seen.data.items.map { $0["uid"]?.string } == ["alice"])
        #expect(try await world.call("DELETE", "/blockedusers", body, as: RESTWorld.acting("alice")).status == 200)
        #expect(try await list(alice, "/blockedusers") == [])
    }

    @Test func bothDirectionsAreListedWithWhoBlockedWhom() async throws {
        _ = try await block(alice, #""bob""#)
        _ = try await world.call(
            "POST", "/blockedusers", #"{"blockedUids":["alice"]}"#, as: RESTWorld.acting("carol"))
        #expect(try await list(alice, "/blockedusers") == ["bob", "carol"])
        #expect(try await list(alice, "/blockedusers?direction=both&searchKey=CAR") == ["carol"])
        #expect(try await list(alice, "/blockedusers?direction=blockedByMe") == ["bob"])
        #expect(try await list(alice, "/blockedusers?direction=hasBlockedMe") == ["carol"])
        let wrong = try await world.call("GET", "/blockedusers?direction=sideways", as: RESTWorld.user(alice))
        #expect(wrong.status == 400 && wrong.message.hasPrefix("direction"))
        let page = try await world.call("GET", "/blockedusers?per_page=1&page=2", as: RESTWorld.user(alice))
        #expect(page.data.items.map { $0["uid"]?.string } == ["carol"])
        #expect(page.data[0]?["hasBlockedMe"] == .bool(true) && page.data[0]?["blockedByMe"] == .bool(false))
        #expect(page.json["meta"]?["pagination"]?["total_pages"] == .int(2))
    }

    @Test func usersShowHowTheyStandToTheViewer() async throws {
        _ = try await block(alice, #""bob""#)
        func flags(_ target: String, _ headers: [String: String]) async throws -> [JSONValue?] {
            let user = try await world.call("GET", target, as: headers).data
            return [user["blockedByMe"], user["hasBlockedMe"]]
        }
        #expect(try await flags("/users/bob", RESTWorld.user(alice)) == [.bool(true), .bool(false)])
        #expect(try await flags("/users/alice", RESTWorld.user(bob)) == [.bool(false), .bool(true)])
        #expect(try await flags("/users/carol", RESTWorld.user(alice)) == [.bool(false), .bool(false)])
        #expect(try await flags("/users/alice", RESTWorld.user(alice)) == [nil, nil], "oneself")
        #expect(try await flags("/users/bob", RESTWorld.backend) == [nil, nil], "the system")
        #expect(try await flags("/users/bob", RESTWorld.acting("alice")) == [.bool(true), .bool(false)])
        try await world.group("g", owner: "alice", participants: ["bob"])
        let members = try await world.call("GET", "/groups/g/members", as: RESTWorld.user(alice)).data.items
        #expect(members.map { $0["blockedByMe"] } == [nil, .bool(true)])
    }

    @Test func whomTheCallerBlocksIsListedWhenAskedFor() async throws {
        _ = try await block(alice, #""bob""#)
        for (query, headers, isShown) in [
            ("", [:], false), ("?withBlocked=1", [:], true), ("?withBlocked=true", [:], true),
            ("?withBlocked=0", [:], false), ("?withBlocked=1&hideBlockedUsers=1", [:], false),
            ("", ["sdk": "javascript@4.0.10"], true), ("?hideBlockedUsers=1", ["sdk": "javascript@4.0.10"], false),
            ("?withBlocked=0", ["sdk": "javascript@4.0.10"], false),
        ] as [(String, [String: String], Bool)] {
            let seen = try await list(alice, "/users" + query, headers)
            #expect(seen == (isShown ? ["bob", "carol"] : ["carol"]), "\(query) \(headers)")
        }
        #expect(try await list(bob, "/users") == ["alice", "carol"], "who has blocked the caller stays")
        for word in ["withBlocked", "hideBlockedUsers"] {
            let wrong = try await world.call("GET", "/users?\(word)=perhaps", as: RESTWorld.user(alice))
            #expect(wrong.status == 400 && wrong.message.hasPrefix(word))
        }
    }

    @Test func friendsWhoAreBlockedAreLeftOutLikeUsers() async throws {
        _ = try await world.call("POST", "/users/alice/friends", #"{"friends":["bob","carol"]}"#, as: RESTWorld.backend)
        _ = try await block(alice, #""bob""#)
        #expect(try await list(alice, "/users?friendsOnly=1") == ["carol"])
        #expect(try await list(alice, "/users/alice/friends") == ["carol"])
        #expect(try await list(alice, "/users/alice/friends?withBlocked=1") == ["bob", "carol"])
        let all = try await world.call("GET", "/users/alice/friends", as: RESTWorld.backend)
        #expect(all.data.items.count == 2, "the backend sees all")
    }

    @Test func sendsAreRefusedByWhoBlocked() async throws {
        _ = try await block(alice, #""bob""#)
        let byAlice = try await world.call(
            "POST", "/messages", RESTWorld.text(to: "bob"), as: RESTWorld.user(alice))
        #expect((byAlice.status, byAlice.code) == (403, "ERR_BLOCKED_RECEIVER"))
        let byBob = try await world.call("POST", "/messages", RESTWorld.text(to: "alice"), as: RESTWorld.user(bob))
        #expect((byBob.status, byBob.code) == (403, "ERR_BLOCKED_SENDER"))
        let transient = #"{"receiver":"alice","receiverType":"user","data":{}}"#
        let published = try await world.call("POST", "/transient", transient, as: RESTWorld.acting("bob"))
        #expect((published.status, published.code) == (403, "ERR_BLOCKED_SENDER"))
        let typing = #"{"receiver":"alice","receiverType":"user","action":"started"}"#
        #expect(try await world.call("POST", "/typing", typing, as: RESTWorld.acting("bob")).status == 200)
        #expect(world.core.ephemeral.allSatisfy { if case .presence = $0.kind { true } else { false } })
    }
}
