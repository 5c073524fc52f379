import Testing

@testable import halley_load

@Suite struct MarkScannerTests {
    private func text(_ sequence: UInt32, after prefix: String, _ marks: MarkScanner) -> [UInt8] {
        var bytes = Array(prefix.utf8)
        marks.append(sequence, to: &bytes)
        return bytes + Array("xxxx".utf8)
    }

    @Test func aMarkIsFoundWhereverItStands() {
        var marks = MarkScanner(run: 0xABC)
        for (sequence, prefix) in [(UInt32(0), ""), (1, "1"), (99_999_999, "{\"text\":\"#halley-load-"), (7, "")] {
            let bytes = text(sequence, after: prefix, marks)
            #expect(marks.sequence(in: bytes.span) == sequence)
        }
    }

    @Test func aMarkOfAnotherRunIsNone() {
        var marks = MarkScanner(run: 1)
        let bytes = text(5, after: "", MarkScanner(run: 2))
        #expect(marks.sequence(in: bytes.span) == nil)
    }

    @Test func aCutOrSpoiledMarkIsNone() {
        var marks = MarkScanner(run: 1)
        let whole = text(5, after: "ab", marks)
        for length in 0..<2 + marks.byteCount {
            let cut = Array(whole.prefix(length))
            #expect(marks.sequence(in: cut.span) == nil)
        }
        var spoiled = whole
        spoiled[2 + marks.byteCount - 2] = UInt8(ascii: "a")
        #expect(marks.sequence(in: spoiled.span) == nil)
    }

    @Test func textsHaveOneLengthAndCarryTheirMark() throws {
        var message = MessageText(marks: MarkScanner(run: 9))
        try message.fit(frameBytes: 600, to: 1000)
        let bytes = message.make(12)
        #expect(bytes.count == message.marks.byteCount + 400)
        var marks = message.marks
        #expect(marks.sequence(in: bytes.span) == 12)
        #expect(throws: LoadFailure.self) { try message.fit(frameBytes: 600, to: 599) }
    }
}
