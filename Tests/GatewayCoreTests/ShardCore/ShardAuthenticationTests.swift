import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §3.1 and the "before auth" rows of §4.
@Suite struct ShardAuthenticationTests {
    let shard = ShardHarness()

    @Test func noAuthFrameInTimeClosesWith4008() {
        let connection = shard.open()
        shard.pass(9_900)
        #expect(shard.closeCode(connection) == nil)
        shard.pass(1_100)
        #expect(shard.closeCode(connection) == 4008)
        #expect(shard.sink.gone.isEmpty)
    }

    @Test func aPingBeforeAuthIsAnsweredAndDoesNotExtendTheTimeForAuth() {
        let connection = shard.open()
        shard.pass(8_000)
        shard.text(connection, #"{"action":"ping","ack":"true"}"#)
        #expect(shard.texts(connection) == [#"{"action":"pong"}"#])
        shard.pass(3_000)
        #expect(shard.closeCode(connection) == 4008)
    }

    @Test(arguments: [
        #"{"type":"app_state","body":{"state":"background"}}"#, #"{"type":"whatever"}"#, "[]", "{", "",
        #"{"type":"typing_indicator","receiver":"bob","receiverType":"user","body":{"action":"started"}}"#,
    ])
    func anythingButAuthAndPingBeforeAuthClosesWith4003(_ frame: String) {
        let connection = shard.open()
        shard.text(connection, frame)
        #expect(shard.closeCode(connection) == 4003)
        #expect(shard.sink.commands.isEmpty)
    }

    @Test func theAnswerGivesThePositionFromWhichTheConnectionIsLive() {
        let connection = shard.beginConnect("bob")
        shard.message(101, from: "alice", to: .to("bob"))
        shard.finishConnect(connection, "bob")
        shard.message(102, from: "alice", to: .to("bob"))
        let texts = shard.texts(connection)
        #expect(texts.count == 2)
        #expect(texts[0].contains(#""code":"200""#) && texts[0].contains(#""seq":101"#))
        #expect(texts[1] == "m102")
    }

    @Test func theCredentialGoesToThePoolAndReadingPausesUntilTheAnswer() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("Bob", session: "s1"))
        #expect(shard.sink.verifications.map(\.credential) == ["secret"])
        #expect(shard.sink.paused == [connection])
        #expect(shard.core.isReadingPaused(connection))
        shard.core.credentialVerified(connection, .valid(.token(TokenHash([UInt8](repeating: 1, count: 32)))))
        #expect(shard.sink.connects == 1)
        #expect(shard.sink.paused == [connection])
        shard.finishConnect(connection, "bob")
        #expect(shard.sink.paused.isEmpty)
        #expect(!shard.core.isReadingPaused(connection))
    }

    @Test func framesBetweenAuthAndItsAnswerAreServedAfterwardsInOrder() throws {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        shard.text(connection, Frames.message(to: "alice", ref: "c1"))
        shard.text(connection, #"{"action":"ping","ack":"true"}"#)
        shard.core.credentialVerified(connection, .valid(.token(TokenHash([UInt8](repeating: 1, count: 32)))))
        shard.text(connection, Frames.message(to: "alice", ref: "c2"))
        #expect(shard.sink.commands.isEmpty)
        #expect(shard.texts(connection) == [#"{"action":"pong"}"#])
        shard.finishConnect(connection, "bob")
        #expect(shard.sink.commands.count == 2)
        let first = try #require(shard.sink.commands[0].replyTo)
        shard.walk(reply: .failed(.init(.notAMember, "no")), to: connection, request: first.request)
        let texts = shard.texts(connection)
        #expect(texts[0].contains(#""type":"auth""#))
        #expect(texts[1].contains(#""ref":"c1""#))
    }

    @Test func moreHeldFramesThanTheBoundCloseWith4102() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        for number in 0...ShardRules.heldFramesMax {
            shard.text(connection, Frames.message(to: "alice", ref: "\(number)"))
        }
        #expect(shard.closeCode(connection) == 4102)
    }

    @Test func aSecondAuthIsRefusedAndTheIdentityStays() {
        let connection = shard.connect("bob")
        shard.text(connection, ShardHarness.auth("mallory", session: "s2"))
        let texts = shard.texts(connection)
        #expect(texts.count == 1 && texts[0].contains("ERR_BAD_REQUEST"))
        shard.message(101, from: "alice", to: .to("bob"))
        #expect(shard.texts(connection) == ["m101"])
    }

    @Test func anUnknownAppIsRefused403AndClosed4004() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1", app: "other"))
        expectRefusal(connection, code: "403", close: 4004)
    }

    @Test func anEmptyCredentialIsRefused400AndClosed4003() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1", credential: ""))
        expectRefusal(connection, code: "400", close: 4003)
    }

    @Test func aWrongCredentialIsRefused401AndClosed4000AndCounted() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        shard.core.credentialVerified(connection, .refused)
        expectRefusal(connection, code: "401", close: 4000)
        #expect(shard.sink.failedAttempts == 1)
        #expect(shard.sink.gone.isEmpty, "the core never heard of it")
    }

    @Test func anExpiredCredentialIsRefused401AndClosed4002() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        shard.core.credentialVerified(connection, .expired)
        expectRefusal(connection, code: "401", close: 4002)
    }

    @Test func tooManyAttemptsAreRefused429AndClosed4102() {
        shard.sink.allowsAttempts = false
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        expectRefusal(connection, code: "429", close: 4102)
        #expect(shard.sink.verifications.isEmpty)
    }

    @Test func theCoresRefusalIsAnsweredAndTheCoreHearsOfTheEndOnce() {
        let connection = shard.beginConnect("bob")
        shard.walk(
            reply: .connectRefused(.init(.tooManyRequests, "too many"), status: .tooMany, close: .connectionLimit),
            to: connection, request: RequestNumber.connect)
        expectRefusal(connection, code: "429", close: 4101)
        shard.core.closed(connection)
        #expect(shard.sink.gone == [connection])
    }

    @Test func aFullPoolIsAnsweredAsOverloaded() {
        shard.sink.hasRoomForJobs = false
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        expectRefusal(connection, code: "503", close: 4100)
    }

    @Test func aVerdictThatNeverComesIsAnsweredAsOverloaded() {
        let connection = shard.open()
        shard.text(connection, ShardHarness.auth("bob", session: "s1"))
        shard.pass(10_500)
        expectRefusal(connection, code: "503", close: 4100)
    }

    @Test func aConnectionThatLeavesWhileTheCoreDecidesIsTakenBack() {
        let connection = shard.beginConnect("bob")
        shard.core.closed(connection)
        #expect(shard.sink.gone == [connection])
        shard.finishConnect(connection, "bob")
        #expect(shard.core.counters.sessions == 0)
        #expect(shard.core.counters.connections == 0)
    }

    @Test func staleVerdictsAndRepliesFindNobodyInAReusedSlot() {
        let gone = shard.open(slot: 7)
        shard.text(gone, ShardHarness.auth("bob", session: "s1"))
        shard.core.closed(gone)
        let successor = shard.open(slot: 7)
        shard.core.credentialVerified(gone, .refused)
        shard.finishConnect(gone, "bob")
        #expect(shard.read(successor).isEmpty)
        #expect(shard.core.counters.sessions == 0)
    }

    @Test func verdictsAndRepliesInAWrongStateAreIgnored() {
        let connection = shard.open()
        shard.core.credentialVerified(connection, .refused)
        shard.finishConnect(connection, "bob")
        #expect(shard.read(connection).isEmpty)
        let live = shard.connect("bob")
        shard.core.credentialVerified(live, .refused)
        shard.finishConnect(live, "bob")
        #expect(shard.read(live).isEmpty)
        #expect(shard.core.counters.sessions == 1)
    }

    private func expectRefusal(
        _ connection: ConnectionReference, code: String, close: UInt16,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let frames = shard.read(connection)
        #expect(frames.count == 3, sourceLocation: sourceLocation)
        guard frames.count == 3 else { return }
        #expect(
            frames[0].text.contains(#""type":"auth""#) && frames[0].text.contains(#""code":"\#(code)""#),
            "\(frames)", sourceLocation: sourceLocation)
        #expect(frames[1].text.contains(#""closeCode":\#(close)"#), "\(frames)", sourceLocation: sourceLocation)
        #expect(frames[2] == .init(opcode: 8, text: "\(close)"), sourceLocation: sourceLocation)
    }
}

/// Frames as clients write them.
enum Frames {
    static let ping = #"{"action":"ping","ack":"true"}"#

    static func message(to uid: String, ref: String? = nil) -> String {
        #"{"type":"message",\#(ref.map { "\"ref\":\"\($0)\"," } ?? "")"receiver":"\#(uid)","receiverType":"user","#
            + #""body":{"category":"message","type":"text","data":{"text":"hi"}}}"#
    }

    static func typing(to uid: String) -> String {
        #"{"type":"typing_indicator","receiver":"\#(uid)","receiverType":"user","body":{"action":"started"}}"#
    }

    static func receipt(_ action: String, to uid: String) -> String {
        #"{"type":"receipts","receiver":"\#(uid)","receiverType":"user","#
            + #""body":{"action":"\#(action)","messageId":"17"}}"#
    }

    static func appState(_ state: String) -> String {
        #"{"type":"app_state","body":{"state":"\#(state)"}}"#
    }
}
