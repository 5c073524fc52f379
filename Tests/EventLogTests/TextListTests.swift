import Testing

@testable import EventLog

@Suite struct TextListTests {
    @Test(arguments: [[], [""], ["a", "b"], ["\"", "\\", "]", ",\"", "\u{0}\u{1F}\n", "é🙂e\u{301}"]])
    func aListIsReadBackAsWritten(_ texts: [String]) {
        let read = TextList.decoded(TextList.encoded(texts))
        #expect(read.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
    }
}
