import Testing

@testable import WebSocketCodec

/// RFC 7692: its examples, round trips, and what a hostile peer may try.
@Suite struct PermessageDeflateTests {
    private func inflated(_ bytes: [UInt8], max: Int = 1 << 20) throws(WebSocketFault) -> [UInt8] {
        let inflater = Inflater()
        let count = try inflater.inflate(bytes.span, outputBytesMax: max)
        return inflater.withOutput(count) { output in (0..<output.count).map { output[$0] } }
    }

    private func deflated(_ bytes: [UInt8], windowBits: Int = 15) -> [UInt8] {
        var out: [UInt8] = []
        Deflater(windowBits: windowBits).deflate(bytes.span, to: &out)
        return out
    }

    @Test func examplesOfTheRFC() throws {
        let hello = Array("Hello".utf8)
        // §7.2.3.1, §7.2.3.3 (stored block), §7.2.3.4 (final block), §7.2.3.5 (two blocks).
        #expect(try inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == hello)
        #expect(try inflated([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]) == hello)
        #expect(try inflated([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]) == hello)
        #expect(
            try inflated([0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]) == hello)
        #expect(deflated(hello) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        #expect(deflated([]) == [0x00])
        #expect(try inflated([0x00]) == [])
    }

    @Test func framesOfTheRFCAtEverySplit() {
        // §7.2.3.1, unfragmented and fragmented.
        let whole: [UInt8] = [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let cut: [UInt8] = [0x41, 0x03, 0xF2, 0x48, 0xCD, 0x80, 0x04, 0xC9, 0xC9, 0x07, 0x00]
        #expect(DecoderProbe.runEverySplit(whole, role: .client, deflates: true) == ([.text("Hello")], true))
        #expect(DecoderProbe.runEverySplit(cut, role: .client, deflates: true) == ([.text("Hello")], true))
    }

    @Test(arguments: 9...15)
    func everyWindowRoundTrips(windowBits: Int) throws {
        var random = SeededRandom(seed: UInt64(windowBits))
        let deflater = Deflater(windowBits: windowBits)
        let inflater = Inflater()
        for count in [0, 1, 5, 100, 511, 512, 513, 4096, 40_000] {
            for entropy in [1, 4, 60, 256] {
                let message = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() % UInt64(entropy)) }
                var compressed: [UInt8] = [0xAB]
                deflater.deflate(message.span, to: &compressed)
                #expect(compressed[0] == 0xAB)
                compressed.removeFirst()
                let length = try inflater.inflate(compressed.span, outputBytesMax: count)
                let isSame = inflater.withOutput(length) { output in
                    // SAFETY: used only inside the closure.
                    unsafe output.withUnsafeBufferPointer { unsafe message.elementsEqual($0) }
                }
                #expect(isSame, "\(count) bytes, entropy \(entropy)")
            }
        }
    }

    @Test func nothingIsTakenOverBetweenMessages() {
        let deflater = Deflater(windowBits: 15)
        let message = Array("the same words again, the same words again".utf8)
        var first: [UInt8] = []
        var second: [UInt8] = []
        deflater.deflate(message.span, to: &first)
        deflater.deflate(message.span, to: &second)
        #expect(first == second)
    }

    @Test func bombsStopAtTheLimit() throws {
        let limit = 64 * 1024
        let fits = deflated(Array(repeating: 0, count: limit))
        let over = deflated(Array(repeating: 0, count: limit + 1))
        let bomb = deflated(Array(repeating: 0, count: 3_000_000))
        #expect(bomb.count < limit)
        #expect(try inflated(fits, max: limit).count == limit)
        #expect(throws: WebSocketFault.messageTooBig) { try inflated(over, max: limit) }
        #expect(throws: WebSocketFault.messageTooBig) { try inflated(bomb, max: limit) }
        let events = DecoderProbe.run(frame(1, bomb, reserved: 4), messageBytesMax: limit, deflates: true)
        #expect(events == [.failed(.messageTooBig)])
    }

    @Test func messagesOfTheLimitFitThoughTheyGrowCompressed() {
        var random = SeededRandom(seed: 5)
        for limit in [1, 100, 3000, 70_000] {
            let noise = (0..<limit).map { _ in UInt8.random(in: 0...255, using: &random) }
            let compressed = deflated(noise, windowBits: 9)
            #expect(compressed.count > limit)
            let seen = DecoderProbe.run(frame(2, compressed, reserved: 4), messageBytesMax: limit, deflates: true)
            let isSame = seen == [.binary(noise)]
            #expect(isSame, "limit \(limit)")
            // But not anything.
            let over = frame(2, Array(repeating: 0, count: limit + limit / 6 + 65), reserved: 4)
            let events = DecoderProbe.run(Array(over.prefix(14)), messageBytesMax: limit, deflates: true)
            #expect(events == [.failed(.messageTooBig)])
        }
    }

    @Test func anInflaterServesOnAfterAFault() throws {
        let inflater = Inflater()
        #expect(throws: WebSocketFault.corruptDeflate) {
            try inflater.inflate([0xFF, 0xFF, 0xFF].span, outputBytesMax: 100)
        }
        let hello = deflated(Array("Hello".utf8))
        #expect(throws: WebSocketFault.messageTooBig) { try inflater.inflate(hello.span, outputBytesMax: 4) }
        #expect(try inflater.inflate(hello.span, outputBytesMax: 5) == 5)
    }

    @Test func corruptAndCutDataFailsWith1007() {
        let message = deflated((0..<500).map { UInt8($0 % 251) })
        for cut in 0..<message.count {
            #expect(throws: WebSocketFault.corruptDeflate, "cut at \(cut)") { try inflated(Array(message[..<cut])) }
        }
        #expect(WebSocketFault.corruptDeflate.closeCode == .invalidPayload)
        let events = DecoderProbe.runEverySplit(frame(1, [0xFF, 0xFF], reserved: 4), deflates: true)
        #expect(events == ([.failed(.corruptDeflate)], true))
    }

    @Test func compressedTextIsCheckedToo() {
        let bad = deflated([65, 0xC3, 0x28])
        #expect(
            DecoderProbe.runEverySplit(frame(1, bad, reserved: 4), deflates: true) == ([.failed(.invalidUTF8)], true))
        #expect(
            DecoderProbe.runEverySplit(frame(2, bad, reserved: 4), deflates: true) == (
                [.binary([65, 0xC3, 0x28])], true
            ))
    }

    @Test func compressedAndPlainMessagesMix() {
        let text = Array(String(repeating: "Grüße ", count: 50).utf8)
        let compressed = deflated(text)
        let half = compressed.count / 2
        let stream =
            frame(1, compressed, reserved: 4) + frame(1, Array("plain".utf8))
            + frame(1, Array(compressed[..<half]), fin: false, reserved: 4) + frame(9, [1])
            + frame(0, Array(compressed[half...])) + frame(8)
        let whole = SeenEvent.text(String(decoding: text, as: UTF8.self))
        let expected: [SeenEvent] = [whole, .text("plain"), .ping([1]), whole, .close(nil, "")]
        #expect(DecoderProbe.runEverySplit(stream, deflates: true) == (expected, true))
    }
}
