import JSONCodec
import Testing

@Suite("pull reader")
struct ReaderTests {
    private func read<R>(_ text: String, _ body: (inout JSONReader) throws(JSONError) -> R) throws(JSONError) -> R {
        try JSONReader.read(Array(text.utf8), body)
    }

    @Test func objectsAreReadKeyByKey() throws {
        let value = try value(
            of: Array(#" { "a" : [ 1 , -2, [ ] ] , "b" : { "c" : "d" }, "e":null,"f":false,"g":1.50 } "#.utf8))
        #expect(
            value
                == .object([
                    "a": .array([.int(1), .int(-2), .array([])]), "b": .object(["c": .string("d")]), "e": .null,
                    "f": .bool(false), "g": .number("1.50"),
                ]))
    }

    @Test func keysMatchByTheirDecodedBytes() throws {
        try read(#"{"\u0074ype":1,"type ":2,"\u212A":3}"#) { (reader: inout JSONReader) throws(JSONError) in
            try reader.enterObject()
            let first = try reader.nextKey()!
            let isType = reader.matches(first, "type")
            let isPrefix = reader.matches(first, "typ")
            #expect(first.hasEscapes && isType && !isPrefix)
            try reader.skip()
            let second = try reader.nextKey()!
            let isTypeAgain = reader.matches(second, "type")
            #expect(!isTypeAgain)
            try reader.skip()
            let third = try reader.nextKey()!
            // The Kelvin sign is canonically a K, but not the same bytes.
            let isK = reader.matches(third, "K")
            #expect(!isK)
        }
    }

    @Test func duplicateKeysAreHandedOutInOrder() throws {
        #expect(try value(of: Array(#"{"a":1,"a":2}"#.utf8)) == .object(["a": .int(2)]))
    }

    @Test(arguments: [
        (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
        (#""\ud83d\ude00!""#, "😀!"), (#""\u0000x""#, "\u{0}x"), (#""日本\n語""#, "日本\n語"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
    ])
    func escapesAreResolved(_ text: String, _ expected: String) throws {
        #expect(try read(text) { (reader: inout JSONReader) throws(JSONError) in try reader.string() } == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("1204", 1204),
        ] as [(String, Int64)])
    func integersAreExact(_ text: String, _ expected: Int64) throws {
        #expect(try read(text) { (reader: inout JSONReader) throws(JSONError) in try reader.int64() } == expected)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1.0", "1e3", "-", "\"1\"", "true",
        "18446744073709551616", "18446744073709551617",
    ])
    func whatIsNoInt64IsRefused(_ text: String) {
        #expect(throws: JSONError.self) {
            try read(text) { (reader: inout JSONReader) throws(JSONError) in try reader.int64() }
        }
    }

    @Test func skippedValuesKeepTheirBytes() throws {
        let raw = "{ \"x\" :\t[1.50E+2, \"\\u00e9\" ,12345678901234567890123 ] }"
        let copied = try read("{\"a\": \(raw) ,\"b\":1}") { (reader: inout JSONReader) throws(JSONError) in
            try reader.enterObject()
            _ = try reader.nextKey()
            let range = try reader.skip()
            return reader.copy(range)
        }
        #expect(String(decoding: copied, as: UTF8.self) == raw)
    }

    @Test func skippedValuesCanBeVisitedLater() throws {
        try read(#"{"body":{"n":7},"type":"x"}"#) { (reader: inout JSONReader) throws(JSONError) in
            try reader.enterObject()
            _ = try reader.nextKey()
            let body = try reader.skip()
            _ = try reader.nextKey()
            let type = try reader.string()
            let end = try reader.nextKey()
            try reader.finish()
            reader.revisit(body)
            try reader.enterObject()
            let key = try reader.nextKey()!
            let isN = reader.matches(key, "n")
            let n = try reader.int64()
            let bodyEnd = try reader.nextKey()
            #expect(type == "x" && end == nil && isN && n == 7 && bodyEnd == nil)
        }
    }

    @Test func aValueOfAnotherKindIsRefusedAndNotConsumed() throws {
        try read("[1]") { (reader: inout JSONReader) throws(JSONError) in
            var refusals: [JSONError.Expectation] = []
            func record(_ error: JSONError) {
                #expect(error.offset == 0)
                refusals.append(error.expected)
            }
            do throws(JSONError) { try reader.enterObject() } catch { record(error) }
            do throws(JSONError) { _ = try reader.string() } catch { record(error) }
            do throws(JSONError) { _ = try reader.bool() } catch { record(error) }
            do throws(JSONError) { try reader.null() } catch { record(error) }
            do throws(JSONError) { _ = try reader.int64() } catch { record(error) }
            #expect(refusals == [.object, .string, .boolean, .null, .integer])
            try reader.enterArray()
            let follows = try reader.nextElement()
            let element = try reader.int64()
            let ended = try !reader.nextElement()
            #expect(follows && element == 1 && ended)
            try reader.finish()
        }
    }
}
