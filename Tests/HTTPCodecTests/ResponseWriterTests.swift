import HTTPCodec
import Testing

@Suite struct ResponseWriterTests {
    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var out: [UInt8] = []
        write(&out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test func aWholeResponse() {
        let response = text { out in
            HTTPResponseWriter.append(
                status: 200, contentType: "application/json", body: Array("{}".utf8).span, unixSeconds: 784_111_777,
                keepAlive: true, to: &out
            ) { out in HTTPFieldWriter.append("X-Rate-Limit", number: 10, to: &out) }
        }
        #expect(
            response == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
                + "X-Rate-Limit: 10\r\nContent-Length: 2\r\n\r\n{}")
    }

    @Test func statusesWithoutABodyHaveNoLength() {
        let empty: [UInt8] = []
        #expect(
            text { HTTPResponseWriter.append(status: 204, body: empty.span, keepAlive: false, to: &$0) }
                == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        #expect(
            text { HTTPResponseWriter.append(status: 404, body: empty.span, keepAlive: true, to: &$0) }
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func refusalsAreOneSentence() {
        let refusal = HTTPRefusal.bodyTooLarge
        #expect(
            text { HTTPResponseWriter.append(status: refusal.status, text: refusal.reason, keepAlive: false, to: &$0) }
                == "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Connection: close\r\nContent-Length: 22\r\n\r\nThe body is too large.")
    }

    @Test func headAnswersHaveTheLengthButNoBody() {
        let body = Array("hello".utf8)
        #expect(
            text { HTTPResponseWriter.append(status: 200, body: body.span, keepAlive: true, toHEAD: true, to: &$0) }
                == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    }

    @Test func chunkedStreams() {
        let big = [UInt8](repeating: 0x61, count: 0x1AB)
        let stream = text { out in
            HTTPResponseWriter.appendChunkedHead(
                status: 200, contentType: "application/x-ndjson", keepAlive: true, to: &out)
            HTTPResponseWriter.appendChunk(Array("a\n".utf8).span, to: &out)
            HTTPResponseWriter.appendChunk([UInt8]().span, to: &out)
            HTTPResponseWriter.appendChunk(big.span, to: &out)
            HTTPResponseWriter.appendLastChunk(to: &out)
        }
        #expect(
            stream == "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\na\n\r\n1ab\r\n" + String(repeating: "a", count: 0x1AB) + "\r\n0\r\n\r\n")
        #expect(text { HTTPResponseWriter.appendContinue(to: &$0) } == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func valuesCannotEndTheirLine() {
        #expect(
            text { HTTPFieldWriter.append("Location", text: "/a\r\nSet-Cookie: x\u{0}\u{7F}\ty", to: &$0) }
                == "Location: /a  Set-Cookie: x  \ty\r\n")
        #expect(
            text { HTTPFieldWriter.append("X", Array("é\n".utf8).span, to: &$0) } == "X: é \r\n")
    }

    @Test func dates() {
        for (seconds, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_795_219_853, "Sat, 21 Nov 2026 00:10:53 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            #expect(text { HTTPDate.append(unixSeconds: seconds, to: &$0) } == date)
        }
    }

    @Test func everyRefusalsStatusHasAPhrase() {
        for refusal in HTTPRefusal.allCases {
            #expect(HTTPResponseWriter.phrase(refusal.status).description != "Status")
            #expect(refusal.reason.utf8CodeUnitCount > 0)
        }
    }
}
