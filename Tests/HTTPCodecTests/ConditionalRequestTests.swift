import HTTPCodec
import Testing

@Suite struct ConditionalRequestTests {
    // MARK: - Ranges

    @Test(arguments: [
        ("bytes=0-3", HTTPByteRange.part(0..<4)), ("bytes=8-", .part(8..<10)), ("bytes=-3", .part(7..<10)),
        ("bytes=-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)), ("bytes=5-99", .part(5..<10)),
        ("Bytes = 0-0 ", .part(0..<1)), ("bytes=10-", .unsatisfiable), ("bytes=10-11", .unsatisfiable),
        ("bytes=-0", .unsatisfiable), ("bytes=0-1,3-4", .whole), ("bytes=5-3", .whole), ("bytes=", .whole),
        ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=1", .whole), ("items=0-3", .whole), ("", .whole),
        ("bytes=9999999999999999999-", .whole), ("bytes=0x1-2", .whole), ("bytes=1--2", .whole),
    ])
    func aRangeIsOnePartOrTheWhole(_ header: String, _ range: HTTPByteRange) {
        #expect(HTTPByteRange.parse(header, length: 10) == range)
    }

    @Test func nothingOfAnEmptyFileCanBeAskedFor() {
        for header in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            #expect(HTTPByteRange.parse(header, length: 0) == .unsatisfiable)
        }
    }

    // MARK: - Dates

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Wed, 31 Dec 2025 23:59:60 GMT", 1_767_225_599),
    ])
    func everyFormOfADateIsRead(_ text: String, _ seconds: Int) {
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Thu, 29 Feb 2023 00:00:00 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
    ])
    func whatIsNoDateIsNone(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func everyDateThatIsWrittenIsRead() {
        for seconds in stride(from: 0, to: 8_000_000_000, by: 40_123_457) {
            var bytes: [UInt8] = []
            HTTPDate.append(unixSeconds: seconds, to: &bytes)
            #expect(HTTPDate.parse(String(decoding: bytes, as: UTF8.self)) == seconds)
        }
    }

    // MARK: - Conditions

    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let later = "Sun, 06 Nov 1994 08:49:38 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"

    private func judge(_ set: (inout HTTPPreconditions) -> Void) -> HTTPPreconditions.Outcome {
        var conditions = HTTPPreconditions()
        set(&conditions)
        return conditions.judge(entityTag: "\"a\"", modified: 784_111_777)
    }

    @Test func conditionsAreJudgedInTheirOrder() {
        #expect(judge { _ in } == .proceed)
        #expect(judge { $0.ifNoneMatch = "\"a\"" } == .notModified)
        #expect(judge { $0.ifNoneMatch = "W/\"b\", W/\"a\"" } == .notModified)
        #expect(judge { $0.ifNoneMatch = "*" } == .notModified)
        #expect(judge { $0.ifNoneMatch = "\"b\"" } == .proceed)
        #expect(judge { $0.ifModifiedSince = Self.date } == .notModified)
        #expect(judge { $0.ifModifiedSince = Self.later } == .notModified)
        #expect(judge { $0.ifModifiedSince = Self.earlier } == .proceed)
        #expect(judge { $0.ifModifiedSince = "yesterday" } == .proceed)
        // RFC 9110 §13.1.3: If-None-Match takes the place of If-Modified-Since.
        #expect(judge { ($0.ifNoneMatch, $0.ifModifiedSince) = ("\"b\"", Self.date) } == .proceed)
        #expect(judge { $0.ifMatch = "\"a\"" } == .proceed)
        #expect(judge { $0.ifMatch = "W/\"a\"" } == .failed)
        #expect(judge { $0.ifMatch = "\"b\"" } == .failed)
        #expect(judge { ($0.ifMatch, $0.ifUnmodifiedSince) = ("\"a\"", Self.earlier) } == .proceed)
        #expect(judge { $0.ifUnmodifiedSince = Self.earlier } == .failed)
        #expect(judge { $0.ifUnmodifiedSince = Self.date } == .proceed)
    }

    @Test func aRangeCountsForTheSameRepresentationOnly() {
        func allows(_ header: String?) -> Bool {
            var conditions = HTTPPreconditions()
            conditions.ifRange = header
            return conditions.allowsRange(entityTag: "\"a\"", modified: 784_111_777)
        }
        #expect(allows(nil) && allows("\"a\"") && allows(Self.date))
        #expect(!allows("\"b\"") && !allows("W/\"a\"") && !allows(Self.later) && !allows("soon"))
    }
}
