import Testing
import WebSocketCodec

/// Text fails at the very byte that no valid text could have there, even inside an unfinished frame or fragment.
@Suite struct UTF8FailFastTests {
    /// A bad sequence, and how many of its bytes are still innocent.
    static let bad: [(bytes: [UInt8], innocent: Int)] = [
        ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xF5, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
        ([0xC2, 0x00], 1), ([0xC2, 0xC2], 1), ([0xDF, 0x7F], 1), ([0xE0, 0x9F, 0x80], 1), ([0xE1, 0x80, 0x41], 2),
        ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1), ([0xEF, 0xC0], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1),
        ([0xF0, 0x90, 0x80, 0x7F], 3), ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF4, 0x8F, 0xC0], 2),
        ([0xF1, 0x80, 0x80, 0xC0], 3),
    ]

    @Test(arguments: bad.indices)
    func badSequencesFailAtTheOffendingByte(index: Int) {
        let (bytes, innocent) = Self.bad[index]
        // At each alignment, so that the fast path for ASCII meets it everywhere.
        for lead in 0..<17 {
            let payload = Array(repeating: UInt8(ascii: "x"), count: lead) + bytes + Array("rest of the frame".utf8)
            let stream = frame(1, payload)
            let header = stream.count - payload.count
            var probe = DecoderProbe()
            for (offset, byte) in stream.enumerated() {
                probe.feed([byte])
                let failed = offset >= header + lead + innocent
                #expect(probe.events == (failed ? [.failed(.invalidUTF8)] : []), "lead \(lead) offset \(offset)")
            }
            // In one piece that ends with the offending byte, and across a fragment border.
            let cut = header + lead + innocent + 1
            #expect(DecoderProbe.run(Array(stream[..<cut])) == [.failed(.invalidUTF8)])
            let first = frame(1, Array(payload[..<(lead + innocent)]), fin: false)
            let second = frame(0, Array(payload[(lead + innocent)...]))
            #expect(DecoderProbe.runEverySplit(first + second).isSame)
            #expect(DecoderProbe.run(first + second.prefix(7)) == [.failed(.invalidUTF8)])
        }
    }

    @Test(arguments: [[0xC2], [0xE2, 0x82], [0xF0, 0x9F, 0x98]] as [[UInt8]])
    func textMayNotEndInsideACharacter(bytes: [UInt8]) {
        #expect(DecoderProbe.runEverySplit(frame(1, [65] + bytes)) == ([.failed(.invalidUTF8)], true))
        let fragments = frame(1, [65], fin: false) + frame(0, bytes)
        #expect(DecoderProbe.runEverySplit(fragments) == ([.failed(.invalidUTF8)], true))
    }

    @Test func charactersMayBeCutBetweenFragments() {
        let text = "aß水😀\u{10FFFF}\u{FFFF}\u{0}é"
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            let stream = frame(1, Array(bytes[..<cut]), fin: false) + frame(9) + frame(0, Array(bytes[cut...]))
            #expect(DecoderProbe.runEverySplit(stream) == ([.ping([]), .text(text)], true))
        }
    }

    @Test func everyScalarOfTheBordersIsAccepted() {
        for value in [0x00, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF] as [UInt32] {
            let text = String(Character(Unicode.Scalar(value)!))
            #expect(DecoderProbe.runEverySplit(frame(1, Array(text.utf8))) == ([.text(text)], true))
        }
    }

    @Test func binaryIsNotChecked() {
        #expect(DecoderProbe.run(frame(2, [0xFF, 0xC0])) == [.binary([0xFF, 0xC0])])
    }
}
