import HTTPCodec
import Testing

@Suite struct TargetTests {
    private func segments(_ path: String) throws(HTTPRefusal) -> [String] {
        let bytes = Array(path.utf8)
        return try HTTPTarget.segments(bytes.span, path: 0..<bytes.count)
    }

    private func query(_ query: String) throws(HTTPRefusal) -> [String] {
        let bytes = Array(query.utf8)
        return try HTTPTarget.queryItems(bytes.span, query: 0..<bytes.count).map { $0.name + "=" + $0.value }
    }

    @Test func segmentsAreDecodedOneByOne() throws {
        #expect(try segments("/users/bob/x") == ["users", "bob", "x"])
        #expect(try segments("/a%2Fb/%F0%9F%98%80/c+d") == ["a/b", "😀", "c+d"])
        #expect(try segments("/") == [])
        #expect(try segments("") == [])
        #expect(try segments("/a/") == ["a", ""])
        #expect(try segments("/a//b") == ["a", "", "b"])
    }

    @Test(arguments: ["/%", "/%4", "/%4G", "/%zz", "/%C3", "/a/%ED%A0%80"])
    func brokenEncodingIsRefused(path: String) {
        #expect(throws: HTTPRefusal.percentEncoding) { try segments(path) }
        #expect(throws: HTTPRefusal.percentEncoding) { try query(String(path.dropFirst())) }
    }

    @Test(arguments: ["/.", "/..", "/a/../b", "/%2e%2E/x", "/a%00"])
    func dotSegmentsAndNULAreRefused(path: String) {
        #expect(throws: HTTPRefusal.pathSegment) { try segments(path) }
    }

    @Test func queriesAreSplitThenDecoded() throws {
        #expect(
            try query("a=1&b=two+words&c=%26%3D&d&=e&&f=g=h") == ["a=1", "b=two words", "c=&=", "d=", "=e", "f=g=h"])
        #expect(try query("") == [])
        #expect(try query(String(repeating: "a&", count: 64)).count == 64)
        #expect(throws: HTTPRefusal.queryTooLong) { try query(String(repeating: "a&", count: 65)) }
    }

    @Test func encodingIsUndoneByDecoding() throws {
        var out: [UInt8] = Array("/".utf8)
        HTTPTarget.appendEncoded("a/b %é😀~._-", to: &out)
        #expect(String(decoding: out, as: UTF8.self) == "/a%2Fb%20%25%C3%A9%F0%9F%98%80~._-")
        #expect(try HTTPTarget.segments(out.span, path: 0..<out.count) == ["a/b %é😀~._-"])
    }
}
