import ChatModel
import GatewayCore
import Testing
import WireProtocol

@testable import GatewayServer

@Suite struct BulkPublishTests {
    /// A shard's side of the stream.
    private final class Port: RequestStreamPort {
        var posted: [(command: Command, tag: UInt64)] = []
        var written: [UInt8] = []
        var isFinished = false
        var credits = Int.max

        func post(_ command: Command, bytes: Int, tag: UInt64) -> Bool {
            guard credits > 0 else { return false }
            credits -= 1
            posted.append((command, tag))
            return true
        }

        func write(_ bytes: [UInt8]) { written += bytes }
        func finish() { isFinished = true }

        var results: [JSONValue] {
            written.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(Array($0)) }
        }
    }

    private let world: RESTWorld
    private let port = Port()

    init() async throws {
        world = try await RESTWorld()
        try await world.user("alice")
        try await world.user("bob")
    }

    private func stream(_ headers: [String: String] = RESTWorld.backend) throws -> any RequestStream {
        let begun = world.router.begin(RESTWorld.head("POST", "/v3/messages/bulk", headers, .backend))
        guard case .stream(let stream) = begun else { throw Failure() }
        return stream
    }

    private struct Failure: Error {}

    private func feed(_ stream: any RequestStream, _ text: String, ended: Bool = false) {
        let bytes = Array(text.utf8)
        // SAFETY: the stream reads the bytes during the call only.
        unsafe bytes.withUnsafeBytes { unsafe stream.receive($0, ended: ended, port: port) }
    }

    private func line(_ text: String, sender: String? = "alice", _ more: String = "") -> String {
        RESTWorld.text(to: "bob", text, sender.map { #","sender":"\#($0)"\#(more)"# } ?? more) + "\n"
    }

    /// Lets the core answer one command.
    private func answer(_ index: Int, of stream: any RequestStream) throws {
        let reply = try #require(try world.core.reply(to: port.posted[index].command))
        stream.replied(port.posted[index].tag, reply, port: port)
    }

    @Test func resultsLeaveInTheOrderOfTheLinesWhateverTheRepliesOrder() throws {
        let stream = try stream()
        feed(stream, (0..<4).map { line("\($0)", sender: "alice", #","muid":"m\#($0)""#) }.joined(), ended: true)
        try answer(2, of: stream)
        try answer(1, of: stream)
        #expect(port.results.isEmpty)
        try answer(0, of: stream)
        #expect(port.results.map { $0["muid"]?.string } == ["m0", "m1", "m2"])
        #expect(!port.isFinished)
        try answer(3, of: stream)
        #expect(port.results.count == 4)
        #expect(port.isFinished)
        #expect(
            port.results.allSatisfy {
                $0["duplicate"] == .bool(false) && $0["id"]?.string == $0["seq"]?.int?.description
            })
    }

    @Test func aBadLineSpoilsNoOtherAndBlankOnesAreSkipped() throws {
        let stream = try stream()
        let long = String(repeating: "x", count: 70_000) + "\n"
        feed(
            stream, line("good") + "nonsense\n\n  \r\n[]\n" + long + line("late", sender: "nobody") + line("too"),
            ended: true)
        #expect(port.posted.count == 3)
        for index in 0..<3 { try answer(index, of: stream) }
        #expect(
            port.results.map { $0["error"]?["code"]?.string } == [
                nil, "ERR_BAD_REQUEST", "ERR_BAD_REQUEST", "ERR_BAD_REQUEST", "ERR_UID_NOT_FOUND", nil,
            ])
        #expect(port.isFinished)
    }

    @Test func aRefusedLineIsAnsweredWithItsMuid() throws {
        let stream = try stream()
        feed(stream, #"{"muid":"m1","receiver":"bob","receiverType":"user","category":"gossip"}"# + "\n", ended: true)
        #expect(port.results.first?["muid"]?.string == "m1")
        #expect(port.results.first?["error"]?["code"]?.string == "ERR_INVALID_MESSAGE_CATEGORY")
        #expect(port.isFinished)
    }

    @Test func theLinesSenderWinsOverOnBehalfOfAndOneMustBe() throws {
        let acting = try stream(RESTWorld.acting("bob"))
        feed(acting, line("1") + line("2", sender: nil))
        let callers = port.posted.map { posted -> String? in
            if case .backend(let uid) = posted.command.caller { uid?.text } else { nil }
        }
        #expect(callers == ["alice", "bob"])
        let bare = try stream()
        feed(bare, line("3", sender: nil), ended: true)
        #expect(port.posted.count == 2)
        #expect(port.results.last?["error"]?["message"]?.string?.hasPrefix("sender") == true)
    }

    @Test func aRepeatedMuidIsADuplicate() throws {
        let stream = try stream()
        feed(
            stream, line("1", sender: "alice", #","muid":"m""#) + line("2", sender: "alice", #","muid":"m""#),
            ended: true)
        try answer(0, of: stream)
        try answer(1, of: stream)
        #expect(port.results.map { $0["duplicate"]?.bool } == [false, true])
        #expect(port.results[0]["id"] == port.results[1]["id"])
    }

    @Test func theWindowIsBoundedAndOpensAgain() throws {
        let stream = try stream()
        #expect(stream.wantsMore)
        feed(stream, String(repeating: line("x"), count: BulkPublish.linesMax + 10))
        #expect(port.posted.count == BulkPublish.linesMax)
        #expect(!stream.wantsMore)
        try answer(1, of: stream)
        #expect(port.posted.count == BulkPublish.linesMax, "the first line's result holds its place")
        try answer(0, of: stream)
        #expect(port.posted.count == BulkPublish.linesMax + 2)
        var next = 2
        while next < port.posted.count {
            try answer(next, of: stream)
            next += 1
        }
        #expect(stream.wantsMore)
        #expect(!port.isFinished)
        feed(stream, "", ended: true)
        #expect(port.isFinished)
        #expect(port.results.count == BulkPublish.linesMax + 10)
    }

    @Test func moreBadLinesThanTheWindowHoldsAreAllAnswered() throws {
        let stream = try stream()
        feed(stream, String(repeating: "[]\n", count: 3 * BulkPublish.linesMax), ended: true)
        #expect(port.results.count == 3 * BulkPublish.linesMax)
        #expect(port.isFinished)
    }

    @Test func withoutCreditALineWaitsForTheOthersOfItsStream() throws {
        let stream = try stream()
        port.credits = 1
        feed(stream, line("1") + line("2") + line("3"), ended: true)
        #expect(port.posted.count == 1)
        #expect(!stream.wantsMore)
        port.credits = 2
        try answer(0, of: stream)
        #expect(port.posted.count == 3)
        try answer(1, of: stream)
        try answer(2, of: stream)
        #expect(port.results.allSatisfy { $0["error"] == nil })
        #expect(port.isFinished)
    }

    @Test func withoutCreditAndAloneALineIsUnavailable() throws {
        let stream = try stream()
        port.credits = 0
        feed(stream, line("1", sender: "alice", #","muid":"m""#), ended: true)
        #expect(port.results.first?["error"]?["code"]?.string == "ERR_UNAVAILABLE")
        #expect(port.results.first?["muid"]?.string == "m")
        #expect(port.isFinished)
    }

    @Test func withoutTheKeyNoStreamBegins() throws {
        let begun = world.router.begin(RESTWorld.head("POST", "/messages/bulk", ["appid": "dev"], .backend))
        guard case .refuse(let response) = begun else { throw Failure() }
        #expect(response.status == 401)
    }
}
