import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §4.
@Suite struct ShardConnectionRuleTests {
    let shard = ShardHarness { $0.limits.typingPerSecond = 3 }

    // MARK: Ping

    @Test func noPingFor30SecondsClosesWith4203AtMostASecondLate() {
        let connection = shard.connect("bob")
        shard.pass(29_900)
        #expect(shard.closeCode(connection) == nil)
        shard.pass(1_100)
        #expect(shard.closeCode(connection) == 4203)
        #expect(shard.sink.gone == [connection])
    }

    @Test func eachPingGivesAnother30Seconds() {
        let connection = shard.connect("bob")
        for _ in 0..<4 {
            shard.pass(25_000)
            shard.text(connection, Frames.ping)
        }
        #expect(shard.texts(connection).count == 4)
        shard.pass(31_000)
        #expect(shard.closeCode(connection) == 4203)
    }

    @Test func neitherOtherFramesNorWebSocketPingsCountAsPing() {
        let connection = shard.connect("bob")
        for _ in 0..<6 {
            shard.pass(5_100)
            shard.text(connection, Frames.typing(to: "alice"))
            shard.text(connection, Frames.appState("foreground"))
            shard.core.webSocketPing(connection, payload: Array("x".utf8))
        }
        #expect(shard.closeCode(connection) == 4203)
    }

    @Test func thePongGoesAheadOfQueuedTraffic() {
        let connection = shard.connect("bob")
        shard.message(101, from: "alice", to: .to("bob"))
        shard.text(connection, Frames.ping)
        #expect(shard.texts(connection) == [#"{"action":"pong"}"#, "m101"])
    }

    @Test func aWebSocketPingIsAnsweredWithItsPayload() {
        let connection = shard.open()
        shard.core.webSocketPing(connection, payload: Array("abc".utf8))
        #expect(shard.read(connection) == [.init(opcode: 0xA, text: "abc")])
    }

    // MARK: Background

    @Test func backgroundInAutoModeClosesAtOnceWith4202() {
        let connection = shard.connect("bob")
        shard.text(connection, Frames.appState("background"))
        #expect(shard.closeCode(connection) == 4202)
        #expect(CloseReason.background.isResumable)
        #expect(shard.sink.gone == [connection])
    }

    @Test func authWithBackgroundInAutoModeIsAnswered200AndClosed4202() {
        let connection = shard.beginConnect("bob", body: #","appState":"background""#)
        shard.finishConnect(connection, "bob")
        let frames = shard.read(connection)
        #expect(frames.count == 3)
        #expect(frames[0].text.contains(#""code":"200""#))
        #expect(frames[1].text.contains(#""closeCode":4202"#))
        #expect(frames[2].text == "4202")
        #expect(shard.core.counters.sessions == 0)
    }

    @Test func backgroundInManualModeStaysFor30SecondsAfterTheSwitchAndAfterEachPing() {
        let connection = manual("bob")
        shard.pass(20_000)
        shard.text(connection, Frames.appState("background"))
        shard.pass(29_000)
        shard.text(connection, Frames.ping)
        shard.pass(29_000)
        #expect(shard.closeCode(connection) == nil)
        shard.pass(2_000)
        #expect(shard.closeCode(connection) == 4203)
    }

    @Test func comingToTheForegroundIsNoPing() {
        let connection = manual("bob")
        for _ in 0..<12 {
            shard.pass(5_000)
            shard.text(connection, Frames.appState("foreground"))
        }
        #expect(shard.closeCode(connection) == 4203)
    }

    @Test func comingToTheForegroundDoesNotShortenWhatBackgroundGave() {
        let connection = manual("bob")
        shard.pass(20_000)
        shard.text(connection, Frames.appState("background"))
        shard.pass(15_000)
        shard.text(connection, Frames.appState("foreground"))
        shard.pass(14_000)
        #expect(shard.closeCode(connection) == nil)
        shard.pass(2_000)
        #expect(shard.closeCode(connection) == 4203)
    }

    @Test func theCoreHearsOfEachChangeOfTheAppStateOnce() {
        let connection = manual("bob")
        shard.text(connection, Frames.appState("background"))
        shard.text(connection, Frames.appState("background"))
        shard.text(connection, Frames.appState("foreground"))
        #expect(shard.sink.commands.count == 2)
    }

    @Test func inBackgroundTypingIsNeitherTakenNorSentAndDurableFramesAre() {
        let connection = manual("bob")
        shard.text(connection, Frames.appState("background"))
        shard.sink.commands = []
        shard.text(connection, Frames.typing(to: "alice"))
        #expect(shard.sink.commands.isEmpty)
        shard.typing("alice", to: .to("bob"))
        shard.message(101, from: "alice", to: .to("bob"))
        #expect(shard.texts(connection) == ["m101"])
    }

    @Test func inBackgroundReadReceiptsAreRefusedAndDeliveredOnesTaken() {
        let connection = manual("bob")
        shard.text(connection, Frames.appState("background"))
        shard.sink.commands = []
        shard.text(connection, Frames.receipt("read", to: "alice"))
        let texts = shard.texts(connection)
        #expect(texts.count == 1)
        #expect(texts[0].contains("ERR_APP_IN_BACKGROUND"))
        #expect(shard.sink.commands.isEmpty)
        shard.text(connection, Frames.receipt("delivered", to: "alice"))
        #expect(shard.sink.commands.count == 1)
    }

    // MARK: Credentials

    @Test func anAppSignedCredentialThatExpiresClosesWith4002() {
        let connection = shard.connect("bob", expiresAt: 1_700_000_000 + 40)
        for _ in 0..<3 {
            shard.pass(13_000)
            shard.text(connection, Frames.ping)
        }
        shard.read(connection)
        shard.pass(2_000)
        #expect(shard.closeCode(connection) == 4002)
    }

    // MARK: Limits

    @Test func aMalformedFrameIsAnsweredAndTheTwentyFirstInAMinuteClosesWith4302() {
        let connection = shard.connect("bob")
        for _ in 0..<20 { shard.text(connection, "{nonsense") }
        let texts = shard.texts(connection)
        #expect(texts.count == 20 && texts.allSatisfy { $0.contains(#""type":"error""#) })
        shard.text(connection, "[]")
        #expect(shard.closeCode(connection) == 4302)
    }

    @Test func malformedFramesOfTwoMinutesAreNotAddedUp() {
        let connection = shard.connect("bob")
        for _ in 0..<3 {
            for _ in 0..<20 { shard.text(connection, "{nonsense") }
            for _ in 0..<3 {
                shard.pass(20_100)
                shard.text(connection, Frames.ping)
            }
        }
        #expect(shard.closeCode(connection) == nil)
    }

    @Test func anUnknownTypeIsAnsweredAndNotCounted() {
        let connection = shard.connect("bob")
        for _ in 0..<30 { shard.text(connection, #"{"type":"novelty","ref":"n"}"#) }
        let texts = shard.texts(connection)
        #expect(texts.count == 30)
        #expect(texts.allSatisfy { $0.contains(#""ref":"n""#) })
    }

    @Test func theFrameAfter600InAMinuteClosesWith4102() {
        let connection = shard.connect("bob")
        for _ in 0..<599 { shard.text(connection, Frames.ping) }
        #expect(shard.closeCode(connection) == nil)
        shard.text(connection, Frames.ping)
        #expect(shard.closeCode(connection) == 4102)
    }

    @Test func aFrameRateOf0IsOff() {
        let shard = ShardHarness { $0.limits.framesPerMinute = 0 }
        let connection = shard.connect("bob")
        for _ in 0..<2_000 { shard.text(connection, Frames.ping) }
        #expect(shard.texts(connection).count == 2_000)
    }

    @Test func typingPastItsRateIsDroppedWithoutAWord() {
        let connection = shard.connect("bob")
        for _ in 0..<5 { shard.text(connection, Frames.typing(to: "alice")) }
        #expect(shard.sink.commands.count == 3)
        shard.pass(1_000)
        shard.text(connection, Frames.typing(to: "alice"))
        #expect(shard.sink.commands.count == 4)
        #expect(shard.read(connection).isEmpty)
    }

    @Test func withoutACreditAMessageIsRefusedAsRetryable() {
        let connection = shard.connect("bob")
        shard.sink.hasCredit = false
        shard.text(connection, Frames.message(to: "alice", ref: "c1"))
        let texts = shard.texts(connection)
        #expect(texts.count == 1)
        #expect(texts[0].contains("ERR_UNAVAILABLE") && texts[0].contains(#""ref":"c1""#))
    }

    @Test func atTheBoundOfMessagesInFlightReadingPausesUntilHalfAreAnswered() {
        let connection = shard.connect("bob")
        let bound = ShardRules.requestsInFlightMax
        for number in 0..<bound {
            #expect(shard.sink.paused.isEmpty)
            shard.text(connection, Frames.message(to: "alice", ref: "c\(number)"))
        }
        #expect(shard.sink.paused == [connection])
        #expect(shard.sink.commands.count == bound)
        for number in 0..<bound / 2 {
            #expect(shard.sink.paused == [connection])
            shard.walk(
                reply: .message(
                    ShardHarness.view(Int64(101 + number), from: "bob", to: .to("alice")), duplicate: false),
                to: connection, request: shard.sink.commands[number].replyTo!.request)
        }
        #expect(shard.sink.paused.isEmpty)
        #expect(shard.texts(connection).count == bound / 2, "acks only: none was refused")
    }

    // MARK: Slow consumers

    @Test func pastTheSoftLimitTypingIsShedAndDurableFramesAreNot() {
        let connection = shard.connect("bob")
        fill(connection, from: 101, count: 3)
        shard.typing("alice", to: .to("bob"))
        shard.message(200, from: "alice", to: .to("bob"))
        let texts = shard.texts(connection)
        #expect(texts.last == "m200")
        #expect(!texts.contains("alice types"))
        #expect(shard.core.counters.shed[Int(OutboundKind.fleeting.rawValue)] == 1)
        shard.typing("alice", to: .to("bob"))
        #expect(shard.texts(connection) == ["alice types"])
    }

    @Test func pastTheHardLimitTheConnectionIsClosed4204AndGetsNothingElse() {
        let connection = shard.connect("bob")
        shard.core.blocked(connection)
        fill(connection, from: 101, count: 11)
        #expect(shard.sink.closings.isEmpty, "judged after the flush")
        shard.core.flushed()
        #expect(shard.sink.closings.map(\.reason) == [.slowConsumer])
        let frames = shard.read(connection)
        #expect(frames.count == 2)
        #expect(frames[0].text.contains(#""closeCode":4204"#) && frames[1].text == "4204")
    }

    @Test func aLargeBatchCutsNobodyWhoKeepsUp() {
        let connection = shard.connect("bob")
        fill(connection, from: 101, count: 20)
        #expect(shard.texts(connection).count == 20)
        #expect(shard.sink.closings.isEmpty)
    }

    @Test func aFrameThatWasBegunIsFinishedBeforeTheClose() {
        let connection = shard.connect("bob")
        fill(connection, from: 101, count: 2)
        var bytes = shard.readBytes(connection, bufferBytes: 1_000, rounds: 1)
        #expect(bytes.count == 1_000)
        shard.core.blocked(connection)
        shard.core.end(connection, .draining)
        bytes += shard.readBytes(connection)
        let frames = ShardHarness.parse(bytes)
        #expect(frames.count == 3)
        #expect(frames[0].text.utf8.count == 100_000)
        #expect(frames[1].text.contains(#""closeCode":4200"#))
        #expect(frames[2].text == "4200")
    }

    @Test func whoKeepsUpGetsWhatWasQueuedBeforeTheClose() {
        let connection = shard.connect("bob")
        shard.message(101, from: "alice", to: .to("bob"))
        shard.walk([(.disconnect(UserID("bob")!, token: nil, reason: .disconnectedByBackend), nil)])
        let frames = shard.read(connection)
        #expect(frames.count == 3)
        #expect(frames[0].text == "m101" && frames[2].text == "4300")
    }

    // MARK: Ends

    @Test func errorsBelowTheFramesCloseWithoutAnErrorFrame() {
        for reason in [CloseReason.protocolError, .unsupportedData, .invalidText, .frameTooBig, .normal] {
            let connection = shard.connect("bob")
            shard.core.end(connection, reason)
            #expect(shard.read(connection) == [.init(opcode: 8, text: "\(reason.rawValue)")])
        }
    }

    @Test func nothingIsTakenNorSentAfterTheClose() {
        let connection = shard.connect("bob")
        shard.core.end(connection, .draining)
        shard.sink.commands = []
        shard.text(connection, Frames.message(to: "alice"))
        shard.text(connection, Frames.ping)
        shard.core.webSocketPing(connection, payload: [])
        shard.core.end(connection, .normal)
        shard.message(101, from: "alice", to: .to("bob"))
        #expect(shard.sink.commands.isEmpty)
        #expect(shard.closeCode(connection) == 4200)
        shard.core.closed(connection)
        #expect(shard.sink.gone == [connection])
        #expect(shard.core.counters.connections == 0)
    }

    private func manual(_ uid: String) -> ConnectionReference {
        shard.connect(uid, body: #","connectionMode":"manual""#)
    }

    /// Queues so many messages of 100,000 bytes.
    private func fill(_ connection: ConnectionReference, from seq: Int64, count: Int64) {
        let text = String(repeating: "x", count: 100_000)
        for number in seq..<seq + count { shard.message(number, from: "alice", to: .to("bob"), text: text) }
    }
}
