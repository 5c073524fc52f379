import Testing
import WebSocketCodec

/// Every rule a peer can break, each at every split point, and what it is told.
@Suite struct DecoderRefusalTests {
    private func expect(
        _ stream: [UInt8], _ events: [SeenEvent], role: WebSocketRole = .server, messageBytesMax: Int = 1 << 20,
        deflates: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let result = DecoderProbe.runEverySplit(
            stream, role: role, messageBytesMax: messageBytesMax, deflates: deflates)
        #expect(result.events == events, sourceLocation: sourceLocation)
        #expect(result.isSame, sourceLocation: sourceLocation)
    }

    @Test(arguments: [UInt8(1), 2, 3, 4, 5, 6, 7])
    func reservedBitsWithoutAnExtensionFail(bits: UInt8) {
        expect(frame(1, [65], reserved: bits), [.failed(.reservedBit)])
        expect(frame(9, [], reserved: bits), [.failed(.reservedBit)])
    }

    @Test func withDeflateOnlyTheFirstBitOnlyOnTheFirstDataFrame() {
        expect(frame(1, [], reserved: 1), [.failed(.reservedBit)], deflates: true)
        expect(frame(9, [], reserved: 4), [.failed(.reservedBit)], deflates: true)
        expect(frame(8, [], reserved: 4), [.failed(.reservedBit)], deflates: true)
        expect(
            frame(1, [65], fin: false) + frame(0, [66], reserved: 4), [.failed(.reservedBit)], deflates: true)
    }

    @Test(arguments: [UInt8(3), 4, 5, 6, 7, 11, 12, 13, 14, 15])
    func reservedOpcodesFail(opcode: UInt8) {
        expect(frame(opcode, [1]), [.failed(.reservedOpcode)])
    }

    @Test(arguments: [UInt8(8), 9, 10])
    func controlFrameOver125BytesClosesWith1002(opcode: UInt8) {
        expect(frame(opcode, Array(repeating: 1, count: 126)), [.failed(.controlTooLong)])
        #expect(WebSocketFault.controlTooLong.closeCode == .protocolError)
    }

    @Test(arguments: [UInt8(8), 9, 10])
    func controlFramesAreNeverFragmented(opcode: UInt8) {
        expect(frame(opcode, [], fin: false), [.failed(.fragmentedControl)])
    }

    @Test func clientsMustMaskAndServersMustNot() {
        expect(frame(1, [65], masked: false), [.failed(.unmasked)])
        expect(frame(1, [65]), [.failed(.masked)], role: .client)
    }

    @Test func lengthsMustBeMinimal() {
        expect([0x82, 0xFE, 0, 125, 0, 0, 0, 0], [.failed(.lengthNotMinimal)])
        expect([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], [.failed(.lengthNotMinimal)])
        expect([0x82, 0xFF, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], [.failed(.lengthTopBit)])
    }

    @Test func fragmentsMustBeInOrder() {
        expect(frame(0, [65]), [.failed(.continuationWithoutStart)])
        expect(frame(0, [65], fin: false), [.failed(.continuationWithoutStart)])
        expect(frame(1, [65], fin: false) + frame(1, [65]), [.failed(.messageInsideMessage)])
        expect(frame(2, [65], fin: false) + frame(1, [65], fin: false), [.failed(.messageInsideMessage)])
        expect(
            frame(1, [65], fin: false) + frame(0, [66]) + frame(0, [67]),
            [.text("AB"), .failed(.continuationWithoutStart)])
    }

    @Test func messagesOverTheLimitFailBeforeTheyAreKept() {
        let limit = 100
        expect(
            frame(2, Array(repeating: 1, count: 100)), [.binary(Array(repeating: 1, count: 100))],
            messageBytesMax: limit)
        expect(frame(2, Array(repeating: 1, count: 101)), [.failed(.messageTooBig)], messageBytesMax: limit)
        // The header alone is enough.
        expect([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], [.failed(.messageTooBig)])
        expect(
            frame(2, Array(repeating: 1, count: 60), fin: false) + frame(0, Array(repeating: 1, count: 41)),
            [.failed(.messageTooBig)], messageBytesMax: limit)
        #expect(WebSocketFault.messageTooBig.closeCode == .messageTooBig)
    }

    @Test(arguments: [UInt16(0), 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    func closeCodesNobodyMaySendFail(code: UInt16) {
        expect(closeFrame(code), [.failed(.closeCode)])
    }

    @Test(arguments: [
        UInt16(1000), 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
    ])
    func closeCodesOnTheListAreTold(code: UInt16) {
        expect(closeFrame(code, Array("é".utf8)), [.close(code, "é")])
    }

    @Test func closePayloads() {
        expect(frame(8), [.close(nil, "")])
        expect(frame(8, [3]), [.failed(.closePayload)])
        expect(closeFrame(1000, [0xC3]), [.failed(.invalidUTF8)])
        expect(closeFrame(1000, Array(repeating: 65, count: 123)), [.close(1000, String(repeating: "A", count: 123))])
    }

    @Test func nothingFollowsAFailure() {
        expect(frame(3) + frame(1, [65]), [.failed(.reservedOpcode)])
    }

    @Test func everyReasonFitsACloseFrame() {
        for fault in WebSocketFault.allCases {
            #expect(fault.reason.utf8CodeUnitCount <= 123)
            #expect(fault.closeCode.isAllowedOnWire)
        }
    }
}
