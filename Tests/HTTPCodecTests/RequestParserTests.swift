import HTTPCodec
import Testing

/// Requests that are served, at every split point.
@Suite struct RequestParserTests {
    private func one(_ stream: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> SeenRequest {
        let (seen, isSame) = HTTPProbe.runEverySplit(stream)
        #expect(isSame, sourceLocation: sourceLocation)
        #expect(seen.count == 1, sourceLocation: sourceLocation)
        guard case .request(let request)? = seen.first else {
            Issue.record("\(seen)", sourceLocation: sourceLocation)
            throw HTTPRefusal.requestLine
        }
        return request
    }

    @Test func aPlainRequest() throws {
        let stream = "GET /users/bob?limit=2&x HTTP/1.1\r\nHost: example.org:8443\r\nappId:\t app1 \r\nEmpty:\r\n\r\n"
        let request = try one(stream)
        #expect(request.head.method == .get)
        #expect(request.path == "/users/bob")
        #expect(request.query == "limit=2&x")
        #expect(request.fields == ["Host=example.org:8443", "appId=app1", "Empty="])
        #expect(request.head.version == .http11)
        #expect(request.head.keepAlive)
        #expect(request.head.framing == .none)
        #expect(request.head.byteCount == stream.utf8.count)
        #expect(!request.head.expectsContinue)
        #expect(!request.head.asksUpgrade)
        let bytes = Array(stream.utf8)
        #expect(request.head.fields.text("APPID", in: bytes.span) == "app1")
        #expect(request.head.fields.text("app", in: bytes.span) == nil)
    }

    @Test func everyMethodIsKnownByItsName() throws {
        for method in HTTPMethod.allCases where method != .other {
            #expect(try one("\(method.name) / HTTP/1.1\r\nHost: a\r\n\r\n").head.method == method)
        }
        #expect(try one("PURGE / HTTP/1.1\r\nHost: a\r\n\r\n").head.method == .other)
        #expect(try one("get / HTTP/1.1\r\nHost: a\r\n\r\n").head.method == .other)
    }

    @Test func keepAliveFollowsVersionAndConnection() throws {
        for (version, connection, keepAlive) in [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: foo, CLOSE\r\n", false),
            ("1.1", "Connection: keep-alive\r\n", true), ("1.0", "", false),
            ("1.0", "Connection: Keep-Alive\r\n", false),
        ] {
            let request = try one("GET / HTTP/\(version)\r\nHost: a\r\n\(connection)\r\n")
            #expect(request.head.keepAlive == keepAlive, "\(version) \(connection)")
        }
    }

    @Test func upgradeNeedsBothHeaders() throws {
        let both = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        #expect(try one("GET /ws HTTP/1.1\r\nHost: a\r\n\(both)\r\n").head.asksUpgrade)
        #expect(try !one("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n").head.asksUpgrade)
        #expect(try !one("GET /ws HTTP/1.0\r\nHost: a\r\n\(both)\r\n").head.asksUpgrade)
    }

    @Test func absoluteTargetsAndAsterisk() throws {
        let stream = "GET http://h.example:80/a/b?q HTTP/1.1\r\nHost: other\r\n\r\n"
        let request = try one(stream)
        #expect(request.path == "/a/b")
        #expect(request.query == "q")
        #expect(request.head.authority.map { text(Array(stream.utf8), $0) } == "h.example:80")
        let bare = try one("GET HTTPS://h?q HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(bare.path == "")
        #expect(bare.query == "q")
        #expect(try one("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path == "*")
    }

    @Test func hosts() throws {
        for host in ["a", "a.b-c.example", "127.0.0.1:80", "[::1]", "[::1]:65535", "", "localhost:", "xn--a_b"] {
            _ = try one("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        }
        _ = try one("GET / HTTP/1.0\r\n\r\n")
    }

    @Test func oneEmptyLineBeforeARequestIsSkipped() throws {
        let stream = "\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"
        let request = try one(stream)
        #expect(request.path == "/x")
        #expect(request.head.byteCount == stream.utf8.count)
    }

    @Test func bodiesByLength() throws {
        let request = try one("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\nhello")
        #expect(request.body == "hello")
        #expect(request.head.framing == .length(5))
        #expect(try one("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").head.framing == .none)
    }

    @Test func bodiesInChunks() throws {
        let start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        let request = try one(
            start + "5\r\nhello\r\n1;a=b;c=\"d\"\r\n \r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n")
        #expect(request.body == "hello 0123456789")
        #expect(request.head.framing == .chunked)
        #expect(try one(start + "0\r\n\r\n").body == "")
    }

    @Test func expectationsAreToldOnlyWithABody() throws {
        let expect = "Expect: 100-Continue\r\n"
        #expect(
            try one("POST / HTTP/1.1\r\nHost: a\r\n\(expect)Content-Length: 2\r\n\r\nok").head.expectsContinue)
        #expect(try !one("GET / HTTP/1.1\r\nHost: a\r\n\(expect)\r\n").head.expectsContinue)
        #expect(try !one("POST / HTTP/1.0\r\n\(expect)Content-Length: 2\r\n\r\nok").head.expectsContinue)
    }

    @Test func pipelinedRequestsAreSeenOneByOne() {
        let stream =
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            + "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
            + "\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n" + "BAD\r\n"
        let (seen, isSame) = HTTPProbe.runEverySplit(stream)
        #expect(isSame)
        let paths = seen.map { if case .request(let request) = $0 { request.path + request.body } else { "!" } }
        #expect(paths == ["/1abc", "/2def", "/3", "!"])
    }

    @Test func listsAreJoinedAndSearched() throws {
        let stream = "GET / HTTP/1.1\r\nHost: a\r\nX-L: a, B\r\nx-l: c\r\n\r\n"
        let fields = try one(stream).head.fields
        let bytes = Array(stream.utf8)
        #expect(fields.joined("X-L", in: bytes.span) == Array("a, B, c".utf8))
        #expect(fields.joined("x-m", in: bytes.span) == [])
        let (holdsB, holdsD) = (
            fields.list("X-l", holds: "b", in: bytes.span), fields.list("X-l", holds: "d", in: bytes.span)
        )
        #expect(holdsB)
        #expect(!holdsD)
        #expect(fields.count("x-l", in: bytes.span) == 2)
    }
}
