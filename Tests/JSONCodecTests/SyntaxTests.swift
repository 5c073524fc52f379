import JSONCodec
import Testing

@Suite("syntax")
struct SyntaxTests {
    @Test(arguments: [
        "{}", "[]", "\"\"", "0", "-0", "-1", "1.5", "1e5", "1E+5", "1e-5", "0.0", "123.456e78", "true", "false", "null",
        " [ ] ", "\t{\r\n}\n", "[1,2,3]", "[[],[[]],{}]", "{\"a\":{\"b\":[{}]}}", "{\"\":0}", "[null,true,false]",
        "{\"a\":1,\"a\":2}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u00e9\"", "\"\\uD83D\\uDE00\"",
        "\"\\ud83d\\ude00\"", "\"é\"", "\"日本語のとても長い文字列\"", "\"😀\"", "\"\u{7F}\"", "\"\u{10FFFF}\"", "\"\u{2028}\"",
        "\"\u{FEFF}\"", "123456789012345678901234567890", "[1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }",
        "1.7976931348623157e999",
        "\"12345678\"", "\"1234567\\n\"", "\"12345678\\n9\"",
    ])
    func validTextIsAccepted(_ text: String) {
        #expect(refusal(of: text) == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[", "}", "]", "\"", "{]", "[}", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}",
        "{,}", "{a:1}", "{'a':1}", "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[1]]", "1 2", "nul",
        "nulll",
        "tru", "True", "fals", "NaN", "Infinity", "-Infinity", "+1", "-", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+",
        "0x10",
        "1_000", "--1", "\"\\x\"", "\"\\\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\uD800\"", "\"\\uDC00\"",
        "\"\\uD800\\uD800\"",
        "\"\\uD800x\"", "\"\\uD800\\n\"", "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"", "\"abc",
        "// c\n1",
        "/* c */1", "[1,\u{A0}2]", "\u{FEFF}1", "\u{B}1", "\u{C}1", "[\"a\"", "[\"a\",", "{\"a\":[}", "\"a\"x", "\u{0}",
        "1\u{0}",
        "é", "{\"a\":1]", "[{\"a\":1}", "\"123456789\u{1}\"", "truefalse", "1-", "1e5.5",
    ])
    func malformedTextIsRefused(_ text: String) {
        #expect(refusal(of: text) != nil)
        #expect(throws: JSONError.self) { try value(of: Array(text.utf8)) }
    }

    /// Unicode 15, table 3-7.
    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xFE], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x28, 0x80],
        ] as [[UInt8]])
    func invalidUTF8IsRefusedWhereverItStands(_ sequence: [UInt8]) {
        for padding in 0..<10 {
            let text = [UInt8(ascii: "\"")] + [UInt8](repeating: 0x61, count: padding) + sequence + [UInt8(ascii: "\"")]
            #expect(refusal(of: text) != nil)
            #expect(refusal(of: Array(text.dropLast())) != nil)
        }
    }

    @Test func everyScalarPassesUnchanged() throws {
        for value in stride(from: UInt32(0x20), through: 0x10FFFF, by: 97) {
            guard let scalar = Unicode.Scalar(value), value != 0x22, value != 0x5C else { continue }
            let text = String(Character(scalar))
            let read = try JSONReader.read(Array("\"\(text)\"".utf8)) { (reader: inout JSONReader) throws(JSONError) in
                try reader.string()
            }
            #expect(Array(read.unicodeScalars) == [scalar])
        }
    }

    @Test(arguments: [("[1,]", 3), ("{\"a\":tru}", 5), ("[1] x", 4), ("\"ab\u{1}\"", 3), ("[\"abcdefgh\\q\"]", 10)])
    func errorsNameTheOffset(_ text: String, _ offset: Int) {
        #expect(refusal(of: text)?.offset == offset)
    }

    @Test func nestingPastTheBoundIsRefused() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        }
        #expect(refusal(of: nested(32)) == nil)
        #expect(refusal(of: nested(33))?.expected == .lessNesting)
        #expect(refusal(of: nested(64), depthMax: 64) == nil)
        #expect(refusal(of: nested(65), depthMax: 64)?.expected == .lessNesting)
        #expect(refusal(of: [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))?.expected == .lessNesting)
    }

    @Test func nestingCountsEnteredAndSkippedContainersTogether() {
        let text = Array("{\"a\":[[1]]}".utf8)
        func read(depthMax: Int) throws(JSONError) {
            try JSONReader.read(text, depthMax: depthMax) { (reader: inout JSONReader) throws(JSONError) in
                try reader.enterObject()
                _ = try reader.nextKey()
                try reader.skip()
            }
        }
        #expect(throws: Never.self) { try read(depthMax: 3) }
        #expect(throws: JSONError(offset: 6, expected: .lessNesting)) { try read(depthMax: 2) }
    }
}
