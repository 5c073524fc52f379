import JSONCodec
import Testing

@Suite("writer")
struct WriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.take(), as: UTF8.self)
    }

    @Test func commasStandBetweenMembersAndElementsOnly() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.int(1)
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.null()
            writer.bool(true)
            writer.bool(false)
            writer.endArray()
            writer.key(text: "b\"")
            writer.string("c")
            writer.key("d")
            writer.literal("e")
            writer.key("f")
            writer.decimalString(-12)
            writer.endObject()
        }
        #expect(text == #"{"a":[1,{},[],null,true,false],"b\"":"c","d":"e","f":"-12"}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#), ("\u{0}\u{1F}", #""\u0000\u001f""#),
        ("\u{7F}é😀\u{2028}", "\"\u{7F}é😀\u{2028}\""),
        ("a\"b\\c", #""a\"b\\c""#),
    ])
    func stringsAreEscapedAsLittleAsPossible(_ value: String, _ expected: String) {
        #expect(written { $0.string(value) } == expected)
    }

    @Test(arguments: [0, 7, -7, 10, 1_204, .max, .min] as [Int64])
    func integersAreDecimal(_ value: Int64) {
        #expect(written { $0.int(value) } == "\(value)")
        #expect(written { $0.decimalString(value) } == "\"\(value)\"")
    }

    @Test func rawValuesAreCopiedAsTheyStand() {
        let text = written { writer in
            writer.beginArray()
            writer.raw(Array("{ \"a\" : 1.0e2 }".utf8))
            writer.raw(Array("2".utf8))
            writer.endArray()
        }
        #expect(text == "[{ \"a\" : 1.0e2 },2]")
    }

    @Test func membersOfARawObjectJoinTheOpenOne() {
        func joined(_ raw: String) -> String {
            written { writer in
                writer.beginObject()
                writer.key("a")
                writer.int(1)
                writer.members(ofObject: Array(raw.utf8))
                writer.key("z")
                writer.int(2)
                writer.endObject()
            }
        }
        #expect(joined("{}") == #"{"a":1,"z":2}"#)
        #expect(joined("{ \n }") == #"{"a":1,"z":2}"#)
        #expect(joined(#"{ "b" : 1.50 }"#) == #"{"a":1, "b" : 1.50 ,"z":2}"#)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            let scalars = (0..<Int.random(in: 0..<20, using: &generator)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: 0..<(Bool.random(using: &generator) ? 0x80 : 0x11_0000), using: &generator))
            }
            let text = String(String.UnicodeScalarView(scalars))
            var writer = JSONWriter()
            writer.string(text)
            let read = try JSONReader.read(writer.take()) { (reader: inout JSONReader) throws(JSONError) in
                try reader.string()
            }
            #expect(Array(read.utf8) == Array(text.utf8))
        }
    }
}
