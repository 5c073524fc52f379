import Testing

@testable import GatewayServer

@Suite struct LineBufferTests {
    private func lines(_ parts: [String], max: Int = 8) -> [LineBuffer.Line] {
        var buffer = LineBuffer(lineBytesMax: max)
        var found: [LineBuffer.Line] = []
        for (index, part) in parts.enumerated() {
            let bytes = Array(part.utf8)
            // SAFETY: read during the call only.
            unsafe bytes.withUnsafeBytes { unsafe buffer.append($0, ended: index == parts.count - 1) }
            while let line = buffer.next() { found.append(line) }
        }
        #expect(buffer.count == 0, "nothing is left")
        return found
    }

    private func text(_ line: String) -> LineBuffer.Line { .text(Array(line.utf8)) }

    @Test func linesAreTheSameHoweverTheyAreCut() {
        let whole = "one\r\ntwo\n\nmuch too long a line\nlast"
        let expected = [text("one"), text("two"), text(""), .tooLong, text("last")]
        #expect(lines([whole]) == expected)
        for cut in 0...whole.utf8.count {
            let bytes = Array(whole.utf8)
            let parts = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(lines(parts) == expected, "cut at \(cut)")
        }
        #expect(lines(whole.map(String.init)) == expected)
    }

    @Test func aLineAtTheLimitPasses() {
        #expect(lines(["12345678\r\n123456789\n"]) == [text("12345678"), .tooLong])
    }

    @Test func aLineThatNeverEndsIsNotKept() {
        var buffer = LineBuffer(lineBytesMax: 8)
        var told = 0
        let bytes = [UInt8](repeating: 0x61, count: 100)
        for _ in 0..<100 {
            // SAFETY: read during the call only.
            unsafe bytes.withUnsafeBytes { unsafe buffer.append($0, ended: false) }
            while let line = buffer.next() {
                #expect(line == .tooLong)
                told += 1
            }
            #expect(buffer.count <= 100)
        }
        #expect(told == 1)
    }
}
