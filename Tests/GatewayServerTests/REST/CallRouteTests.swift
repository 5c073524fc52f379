import Testing

@testable import GatewayServer

@Suite struct CallRouteTests {
    private let world: RESTWorld
    private let alice: [String: String]
    private let bob: [String: String]
    private let carol: [String: String]

    init() async throws {
        world = try await RESTWorld()
        alice = RESTWorld.user(try await world.user("alice"))
        bob = RESTWorld.user(try await world.user("bob"))
        carol = RESTWorld.user(try await world.user("carol"))
    }

    private func start(
        _ receiver: String, _ headers: [String: String], _ kind: String = "user", _ more: String = ""
    ) async throws -> RESTWorld.Answer {
        let body = #"{"receiver":"\#(receiver)","receiverType":"\#(kind)","type":"audio"\#(more)}"#
        return try await world.call("POST", "/calls", body, as: headers)
    }

    private func update(_ session: String, _ status: String, _ headers: [String: String]) async throws
        -> RESTWorld.Answer
    {
        try await world.call("PUT", "/calls/\(session)", #"{"status":"\#(status)"}"#, as: headers)
    }

    private func session(_ answer: RESTWorld.Answer) throws -> String {
        try #require(answer.data["data"]?["entities"]?["on"]?["entity"]?["sessionid"]?.string)
    }

    @Test func aCallIsMadeAcceptedAndEnded() async throws {
        let made = try await start("bob", alice, "user", #","metadata":{"k":1}"#)
        #expect(made.data["category"]?.string == "call")
        #expect(made.data["type"]?.string == "audio")
        #expect(made.data["data"]?["action"]?.string == "initiated")
        #expect(made.data["data"]?["metadata"]?["k"] == .int(1))
        let entity = made.data["data"]?["entities"]?["on"]?["entity"]
        #expect(entity?["status"]?.string == "initiated")
        #expect(entity?["data"]?["entities"]?["sender"]?["entity"]?["name"]?.string == "Name of alice")
        let name = try session(made)
        #expect(name.count == 32)
        let accepted = try await update(name, "ongoing", bob)
        #expect(accepted.data["sender"]?.string == "bob")
        #expect(accepted.data["receiver"]?.string == "alice")
        #expect(accepted.data["data"]?["entities"]?["on"]?["entity"]?["joinedAt"] != nil)
        let ended = try await update(name, "ended", alice)
        #expect(ended.data["data"]?["entities"]?["on"]?["entity"]?["endedAt"] != nil)
        let history = try await world.call("GET", "/users/alice/messages?category=call", as: bob)
        #expect(
            history.data.items.map { $0["data"]?["action"]?.string } == ["initiated", "ongoing", "ended"])
    }

    @Test func sessionsAreNeverTheSame() async throws {
        let first = try session(try await start("bob", alice))
        #expect(try await update(first, "canceled", alice).data["data"]?["action"]?.string == "cancelled")
        #expect(try session(try await start("bob", alice)) != first)
    }

    @Test func whatIsOverIsToldApartFromWhatNeverWas() async throws {
        let name = try session(try await start("bob", alice))
        #expect(try await update(name, "rejected", bob).status == 200)
        let late = try await update(name, "ongoing", bob)
        #expect((late.status, late.code) == (409, "ERR_CALL_TERMINATED"))
        let stranger = try await update(name, "ongoing", carol)
        #expect((stranger.status, stranger.code) == (403, "ERR_CALL_NOT_A_PART"))
        for unknown in ["nowhere", "a%20b", String(repeating: "x", count: 101)] {
            let answer = try await update(unknown, "ended", bob)
            #expect((answer.status, answer.code) == (404, "ERR_CALL_SESSION_NOT_FOUND"))
        }
        #expect(try await world.call("PUT", "/calls/\(name)", "{}", as: bob).status == 400)
    }

    @Test func busyIs409AndInTheHistory() async throws {
        _ = try await start("bob", alice)
        let busy = try await start("bob", carol)
        #expect((busy.status, busy.code) == (409, "ERR_CALL_BUSY_USER"))
        let history = try await world.call("GET", "/users/bob/messages?category=call", as: carol)
        let message = try #require(history.data.items.first)
        #expect(message["data"]?["action"]?.string == "busy")
        let refused = try #require(message["data"]?["entities"]?["on"]?["entity"]?["sessionid"]?.string)
        #expect(try await update(refused, "ongoing", bob).code == "ERR_CALL_TERMINATED")
        let selfBusy = try await start("carol", alice)
        #expect((selfBusy.status, selfBusy.code) == (409, "ERR_CALL_BUSY_SELF"))
        let oneself = try await start("carol", carol)
        #expect((oneself.status, oneself.code) == (400, "ERR_CALLING_SELF"))
    }

    @Test func aGroupCallIsForItsMembers() async throws {
        try await world.group("team", owner: "alice", participants: ["bob"])
        #expect(try await start("team", carol, "group").code == "ERR_NOT_A_MEMBER")
        let name = try session(try await start("team", alice, "group"))
        #expect(try await update(name, "ongoing", carol).code == "ERR_CALL_NOT_A_PART")
        #expect(try await update(name, "ongoing", bob).data["conversationId"]?.string == "group_team")
        let left = try await update(name, "ended", bob)
        #expect(left.data["data"]?["entities"]?["on"]?["entity"]?["leftAt"] != nil)
        #expect(try await update(name, "ended", alice).status == 200)
        #expect(try await update(name, "ongoing", bob).code == "ERR_CALL_TERMINATED")
        #expect(try await update(name, "ongoing", carol).code == "ERR_CALL_NOT_A_PART")
    }

    @Test func aRepeatedMuidAnswersTheFirstCall() async throws {
        let first = try await start("bob", alice, "user", #","muid":"m""#)
        let again = try await start("bob", alice, "user", #","muid":"m""#)
        #expect(again.data["duplicate"] == .bool(true))
        #expect(again.data["id"] == first.data["id"])
        #expect(try await update(try session(first), "cancelled", alice).status == 200)
        let late = try await start("bob", alice, "user", #","muid":"m""#)
        #expect(late.data["id"] == first.data["id"], "also when the call is over")
    }

    @Test func theSystemCallsNobody() async throws {
        #expect(try await start("bob", RESTWorld.backend).status == 400)
        #expect(try await start("bob", RESTWorld.acting("alice")).status == 200)
        #expect(try await start("bob", RESTWorld.withAuthKey).status == 403)
    }

    @Test func callingIsRateLimitedAndEndingIsNot() async throws {
        let session = try session(try await start("bob", alice))
        var answer = try await update(session, "cancelled", alice)
        var attempts = 0
        while answer.status == 200, attempts < 100 {
            attempts += 1
            answer = try await start("bob", alice)
            if answer.status == 200 {
                #expect(try await update(try self.session(answer), "cancelled", alice).status == 200)
            }
        }
        #expect((answer.status, answer.code) == (429, "ERR_TOO_MANY_REQUESTS"))
        #expect(answer.header("x-rate-limit") == "30")
    }
}
