import Testing

@testable import WebSocketCodec

@Suite struct EncoderTests {
    @Test func headersHaveTheShortestLength() {
        for (count, header) in [
            (0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65_535, [0x81, 126, 0xFF, 0xFF]),
            (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])] {
            var out: [UInt8] = []
            WebSocketEncoder.appendHeader(.text, payloadCount: count, to: &out)
            #expect(out == header)
            #expect(WebSocketEncoder.headerByteCount(payloadCount: count) == header.count)
            var room = [UInt8](repeating: 0xEE, count: 12)
            var span = room.mutableSpan
            let written = WebSocketEncoder.writeHeader(.text, payloadCount: count, into: &span)
            #expect(Array(room[..<written]) == header)
            #expect(room[written] == 0xEE)
        }
    }

    @Test func compressedFramesCarryTheFirstReservedBit() {
        var out: [UInt8] = []
        WebSocketEncoder.appendHeader(.text, payloadCount: 1, isCompressed: true, to: &out)
        #expect(out[0] == 0xC1)
    }

    @Test func framesOfBothRolesAreUnderstoodByTheOther() {
        for count in [0, 3, 125, 126, 65_536] {
            let payload = [UInt8](repeating: 0x61, count: count)
            var toClient: [UInt8] = []
            WebSocketEncoder.appendFrame(.binary, payload.span, to: &toClient)
            #expect(DecoderProbe.run(toClient, role: .client) == [.binary(payload)])
            var toServer: [UInt8] = []
            WebSocketEncoder.appendMaskedFrame(.binary, payload.span, maskingKey: 0xA1B2_C3D4, to: &toServer)
            #expect(DecoderProbe.run(toServer) == [.binary(payload)])
        }
    }

    @Test func maskedExampleOfTheRFC() {
        var out: [UInt8] = []
        // The key's first byte on the wire is the lowest of the number.
        WebSocketEncoder.appendMaskedFrame(.text, Array("Hello".utf8).span, maskingKey: 0x3D21_FA37, to: &out)
        #expect(out == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }

    @Test func closeFramesCutTheirReasonAtACharacter() {
        var out: [UInt8] = []
        WebSocketEncoder.appendClose(nil, to: &out)
        #expect(out == [0x88, 0])
        out = []
        WebSocketEncoder.appendClose(.goingAway, reason: "bye", to: &out)
        #expect(out == [0x88, 5, 3, 0xE9] + Array("bye".utf8))
        out = []
        WebSocketEncoder.appendClose(.normal, reason: String(repeating: "é", count: 100), to: &out)
        #expect(out.count == 2 + 2 + 122)
        #expect(DecoderProbe.run(out, role: .client) == [.close(1000, String(repeating: "é", count: 61))])
    }

    @Test func masksTurnWithTheBytes() {
        let plain = (0..<67).map { UInt8($0) }
        let whole = Array(frame(2, plain).dropFirst(6))
        for cut in 0...plain.count {
            var bytes = plain
            var mask = WebSocketMask(key: 0x3D21_FA37)
            var span = bytes.mutableSpan
            mask.apply(&span, 0..<cut)
            mask.apply(&span, cut..<plain.count)
            #expect(bytes == whole)
        }
    }
}
