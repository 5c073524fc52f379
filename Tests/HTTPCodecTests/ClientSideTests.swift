import HTTPCodec
import Testing

/// The request writer and response parser of our own tools.
@Suite struct ClientSideTests {
    /// Feeds a response in two pieces; gives status, body and whether the body ended.
    private func receive(_ stream: [UInt8], cut: Int, toHEAD: Bool = false) -> (Int, String, Bool)? {
        var parser = HTTPResponseParser()
        var input = Array(stream[..<cut])
        var outcome = parser.parseHead(input.span, toHEAD: toHEAD)
        if case .needMore = outcome {
            input = stream
            outcome = parser.parseHead(input.span, toHEAD: toHEAD)
        }
        guard case .head(let head) = outcome else { return nil }
        var decoder = HTTPBodyDecoder(framing: head.framing, bodyBytesMax: 1000)
        var cursor = head.byteCount
        var body = ""
        while case .data(let range) = decoder.next(stream.span, &cursor) { body += text(stream, range) }
        return (head.status, body, decoder.isComplete)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "hi", true),
        ("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", true),
        ("HTTP/1.0 200 OK\r\n\r\nuntil close", 200, "until close", false),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 101, "", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
    ])
    func responsesAtEverySplit(stream: String, status: Int, body: String, isComplete: Bool) {
        let bytes = Array(stream.utf8)
        for cut in 0...bytes.count {
            guard let seen = receive(bytes, cut: cut) else {
                Issue.record("no head at \(cut)")
                continue
            }
            #expect(seen == (status, body, isComplete))
        }
    }

    @Test func answersToHEADHaveNoBody() {
        let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)
        #expect(receive(bytes, cut: 0, toHEAD: true)! == (200, "", true))
    }

    @Test(arguments: [
        ("HTTP/1.1 20 OK\r\n\r\n", HTTPRefusal.statusLine), ("HTTP/1.1 2000 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .statusLine), ("HTTP/1.1 600 OK\r\n\r\n", .statusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .versionUnsupported), ("HTTX/1.1 200 OK\r\n\r\n", .version), ("\r\n", .statusLine),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .contentLength), ("HTTP/1.1 200 OK\n", .lineEnd),
    ])
    func badResponsesAreRefused(stream: String, refusal: HTTPRefusal) {
        var parser = HTTPResponseParser()
        #expect(parser.parseHead(Array(stream.utf8).span) == .refused(refusal))
    }

    @Test func requestsOfOurWriterAreUnderstoodByOurParser() {
        var out: [UInt8] = []
        HTTPRequestWriter.append(
            .post, target: "/v3/messages?x=1", host: "localhost", contentType: "application/json",
            body: Array("{}".utf8).span, to: &out
        ) { out in HTTPFieldWriter.append("apikey", text: "k\r\ney", to: &out) }
        let (seen, isSame) = HTTPProbe.runEverySplit(String(decoding: out, as: UTF8.self))
        #expect(isSame)
        guard case .request(let request)? = seen.first else {
            Issue.record("\(seen)")
            return
        }
        #expect(request.path == "/v3/messages")
        #expect(request.body == "{}")
        #expect(request.fields.contains("apikey=k  ey"))
    }
}
