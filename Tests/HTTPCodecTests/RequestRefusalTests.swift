import HTTPCodec
import Testing

/// Everything that is refused, each at every split point.
@Suite struct RequestRefusalTests {
    static let refused: [(String, HTTPRefusal)] = [
        // Lines.
        ("GET / HTTP/1.1\nHost: a\n\n", .lineEnd), ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", .lineEnd),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", .lineEnd), ("GET / HTTP/1.1\r\nA: b\r\r\n\r\n", .lineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", .controlByte),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n", .controlByte), ("\u{16}\u{3}\u{1}", .controlByte),
        ("GET /\u{1} HTTP/1.1\r\n", .controlByte), ("\r\n\r\nGET / HTTP/1.1\r\n", .emptyLine),
        // Request line.
        ("GET\r\n", .requestLine), ("GET /\r\n", .requestLine), (" / HTTP/1.1\r\n", .method),
        ("G(T / HTTP/1.1\r\n", .method), ("G\tT / HTTP/1.1\r\n", .method), ("é / HTTP/1.1\r\n", .method),
        ("GET  / HTTP/1.1\r\n", .version), ("GET /  HTTP/1.1\r\n", .version), ("GET / HTTP/1.1 \r\n", .version),
        ("GET / HTTP/1.1 x\r\n", .version), ("GET / http/1.1\r\n", .version), ("GET / HTTP/11\r\n", .version),
        ("GET / HTTP/2.0\r\n", .versionUnsupported), ("GET / HTTP/1.2\r\n", .versionUnsupported),
        ("GET / HTTP/0.9\r\n", .versionUnsupported), ("CONNECT a:1 HTTP/1.1\r\n", .methodUnsupported),
        (String(repeating: "M", count: 33) + " / HTTP/1.1\r\n", .methodUnsupported),
        // Targets.
        ("GET x HTTP/1.1\r\n", .target), ("GET * HTTP/1.1\r\n", .target), ("GET /a#b HTTP/1.1\r\n", .target),
        ("GET /\u{E9} HTTP/1.1\r\n", .target), ("GET ftp://a/ HTTP/1.1\r\n", .target),
        ("GET http:// HTTP/1.1\r\n", .target), ("GET http:///x HTTP/1.1\r\n", .target),
        ("GET http://u@h/x HTTP/1.1\r\n", .target), ("GET http://h:p/x HTTP/1.1\r\n", .target),
        ("GET /\(String(repeating: "x", count: 8192)) HTTP/1.1\r\n", .targetTooLong),
        // Header lines.
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .fieldName), ("GET / HTTP/1.1\r\nHost\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", .fieldName), ("GET / HTTP/1.1\r\nX@Y: a\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", .fieldFolded),
        ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .fieldFolded),
        // Host.
        ("GET / HTTP/1.1\r\n\r\n", .hostMissing), ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", .hostRepeated),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .hostInvalid), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostInvalid), ("GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: []\r\n\r\n", .hostInvalid), ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .hostInvalid),
        // Framing.
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", .contentLength),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .contentLengthConflict),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingWithLength
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            .transferEncodingWithLength
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncodingUnsupported),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", .transferEncodingUnsupported),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", .transferEncodingUnsupported),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingRepeated
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingVersion),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", .expectation),
    ]

    @Test(arguments: refused.indices)
    func isRefused(index: Int) {
        let (stream, refusal) = Self.refused[index]
        let long = stream.utf8.count > 1000
        let seen = long ? HTTPProbe.run(Array(stream.utf8)) : HTTPProbe.runEverySplit(stream).seen
        #expect(seen == [.refused(refusal)], "\(stream.prefix(80).debugDescription)")
        #expect(long || HTTPProbe.runEverySplit(stream).isSame)
    }

    static let chunks: [(String, HTTPRefusal)] = [
        ("\r\n", .chunkSize), ("g\r\n", .chunkSize), ("5 \r\nhello", .chunkSize), (" 5\r\nhello", .chunkSize),
        ("-5\r\n", .chunkSize), ("0x5\r\n", .chunkSize), ("5\nhello", .chunkSize), ("5\rhello", .chunkSize),
        ("5;a\nhello", .chunkSize), ("5;a\u{0}\r\nhello", .chunkSize), ("1000000000000000\r\n", .chunkSize),
        ("3\r\nabcd\r\n", .chunkEnd), ("3\r\nabc\n", .chunkEnd), ("3\r\nabc\rX", .chunkEnd),
        ("3\r\nabc5\r\n", .chunkEnd),
        ("0\r\nX: y\n\r\n", .lineEnd), ("0\r\nX\u{1}\r\n\r\n", .controlByte), ("0\r\nX: y\rZ", .lineEnd),
        ("0\r\n\rX", .lineEnd),
        ("FFFFFFFFFFFFFFF\r\n", .bodyTooLarge), ("100001\r\n", .bodyTooLarge),
    ]

    @Test(arguments: chunks.indices)
    func badChunksAreRefused(index: Int) {
        let (chunk, refusal) = Self.chunks[index]
        let stream = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + chunk
        let (seen, isSame) = HTTPProbe.runEverySplit(stream)
        #expect(seen == [.refused(refusal)], "\(chunk.debugDescription)")
        #expect(isSame)
    }

    @Test func headLimitsAreExact() {
        let limits = HTTPLimits(headBytesMax: 200, targetBytesMax: 20, fieldsMax: 3)
        func isServed(_ stream: String) -> Bool {
            let (seen, isSame) = HTTPProbe.runEverySplit(stream, limits: limits)
            if case .request? = seen.first { return isSame && seen.count == 1 }
            return false
        }
        func head(pad: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: pad) + "\r\n\r\n"
        }
        let fits = 200 - head(pad: 0).utf8.count
        #expect(isServed(head(pad: fits)), "200 bytes must fit")
        #expect(HTTPProbe.runEverySplit(head(pad: fits + 1), limits: limits) == ([.refused(.headTooLarge)], true))
        #expect(HTTPProbe.runEverySplit(head(pad: 1000), limits: limits) == ([.refused(.headTooLarge)], true))

        func target(_ count: Int) -> String { "GET /" + String(repeating: "x", count: count - 1) + " HTTP/1.0\r\n\r\n" }
        #expect(isServed(target(20)), "20 bytes must fit")
        #expect(HTTPProbe.runEverySplit(target(21), limits: limits) == ([.refused(.targetTooLong)], true))
        #expect(HTTPProbe.runEverySplit(target(150), limits: limits) == ([.refused(.targetTooLong)], true))
        let fields = "GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\nC: 3\r\n"
        #expect(isServed(fields + "\r\n"), "three headers must fit")
        #expect(HTTPProbe.runEverySplit(fields + "D: 4\r\n\r\n", limits: limits) == ([.refused(.tooManyFields)], true))
    }

    @Test func defaultLimits() {
        let many = String(repeating: "X: y\r\n", count: 101)
        #expect(HTTPProbe.run(Array("GET / HTTP/1.0\r\n\(many)\r\n".utf8)) == [.refused(.tooManyFields)])
        let long = "GET / HTTP/1.0\r\nX: " + String(repeating: "y", count: 17_000)
        #expect(HTTPProbe.run(Array(long.utf8)) == [.refused(.headTooLarge)])
        #expect(HTTPRefusal.headTooLarge.status == 431)
        #expect(HTTPRefusal.tooManyFields.status == 431)
        #expect(HTTPRefusal.targetTooLong.status == 414)
        #expect(HTTPRefusal.bodyTooLarge.status == 413)
        #expect(HTTPRefusal.transferEncodingUnsupported.status == 501)
        #expect(HTTPRefusal.versionUnsupported.status == 505)
        #expect(HTTPRefusal.expectation.status == 417)
        #expect(HTTPRefusal.lineEnd.status == 400)
    }

    @Test func bodyLimitsAreExact() {
        let start = "POST / HTTP/1.1\r\nHost: a\r\n"
        for (body, fits) in [
            ("Content-Length: 4\r\n\r\nabcd", true), ("Content-Length: 5\r\n\r\n", false),
            ("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", true),
            ("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n", false),
        ] {
            let (seen, isSame) = HTTPProbe.runEverySplit(start + body, bodyBytesMax: 4)
            #expect(isSame)
            if fits {
                guard case .request(let request)? = seen.first, request.body == "abcd" else {
                    Issue.record("\(seen)")
                    continue
                }
            } else {
                #expect(seen == [.refused(.bodyTooLarge)])
            }
        }
    }

    @Test func whatChunksMayWasteIsBounded() {
        let start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let extensions = String(repeating: "1;" + String(repeating: "e", count: 100) + "\r\nx\r\n", count: 41)
        #expect(HTTPProbe.run(Array((start + extensions).utf8)) == [.refused(.chunkExtensionTooLong)])
        let trailers = "0\r\n" + String(repeating: "T: x\r\n", count: 1400)
        #expect(HTTPProbe.run(Array((start + trailers).utf8)) == [.refused(.trailerTooLarge)])
    }
}
