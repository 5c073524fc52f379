import Testing
import WebSocketCodec

/// The examples of RFC 6455 §5.7 and plain good behaviour, at every split point.
@Suite struct DecoderRFCTests {
    @Test func singleFrameUnmaskedTextFromAServer() {
        let stream: [UInt8] = [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let (events, isSame) = DecoderProbe.runEverySplit(stream, role: .client)
        #expect(events == [.text("Hello")])
        #expect(isSame)
    }

    @Test func singleFrameMaskedText() {
        let stream: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let (events, isSame) = DecoderProbe.runEverySplit(stream)
        #expect(events == [.text("Hello")])
        #expect(isSame)
    }

    @Test func fragmentedUnmaskedText() {
        let stream: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        let (events, isSame) = DecoderProbe.runEverySplit(stream, role: .client)
        #expect(events == [.text("Hello")])
        #expect(isSame)
    }

    @Test func unmaskedPingAndMaskedPong() {
        let ping: [UInt8] = [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(DecoderProbe.runEverySplit(ping, role: .client) == ([.ping(Array("Hello".utf8))], true))
        #expect(DecoderProbe.runEverySplit(pong) == ([.pong(Array("Hello".utf8))], true))
    }

    @Test func everyLengthFormRoundTrips() {
        for count in [0, 1, 7, 8, 9, 125, 126, 127, 255, 256, 65_535, 65_536, 70_001] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(DecoderProbe.run(frame(2, payload)) == [.binary(payload)])
            #expect(DecoderProbe.run(frame(2, payload), cuts: [1, count / 2 + 3]) == [.binary(payload)])
        }
    }

    @Test func aConversationIsTheSameHoweverItIsCut() {
        let stream =
            frame(1, Array("κόσμε".utf8)) + frame(9, [1, 2, 3]) + frame(1, Array("Hel".utf8), fin: false)
            + frame(9, []) + frame(0, [], fin: false) + frame(10, [9]) + frame(0, Array("lo µ".utf8), fin: false)
            + frame(0, Array("!".utf8)) + frame(2, Array(repeating: 0xFE, count: 130)) + frame(1, [])
            + closeFrame(1000, Array("bye ✓".utf8)) + frame(1, Array("ignored".utf8))
        let (events, isSame) = DecoderProbe.runEverySplit(stream)
        #expect(
            events == [
                .text("κόσμε"), .ping([1, 2, 3]), .ping([]), .pong([9]), .text("Hello µ!"),
                .binary(Array(repeating: 0xFE, count: 130)), .text(""), .close(1000, "bye ✓"),
            ])
        #expect(isSame)
    }

    @Test func aWholeMessageIsNotCopied() {
        var buffer = frame(1, Array("Hello".utf8)) + frame(9, [7])
        var decoder = WebSocketDecoder(role: .server, messageBytesMax: 100)
        var cursor = 0
        var span = buffer.mutableSpan
        #expect(decoder.next(&span, &cursor) == .text(.inPlace(6..<11)))
        #expect(decoder.next(&span, &cursor) == .ping(.inPlace(17..<18)))
        #expect(decoder.next(&span, &cursor) == nil)
        #expect(cursor == 18)
        #expect(!decoder.isInsideMessage)
    }

    @Test func nothingIsKeptBetweenMessages() {
        let stream = frame(1, Array("Hel".utf8), fin: false) + frame(9, [1]) + frame(0, Array("lo".utf8))
        var probe = DecoderProbe()
        for byte in stream {
            probe.feed([byte])
        }
        #expect(probe.events == [.ping([1]), .text("Hello")])
        #expect(!probe.decoder.isInsideMessage)
        #expect(MemoryLayout<WebSocketDecoder>.size <= 24)
    }
}
