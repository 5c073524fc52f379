import Testing

@testable import WebSocketCodec

@Suite struct HandshakeTests {
    private func request(_ change: (inout WebSocketUpgradeRequest) -> Void = { _ in }) -> WebSocketUpgradeRequest {
        var request = WebSocketUpgradeRequest(
            methodIsGET: true, versionIsHTTP11: true, hasBody: false, upgrade: Array("websocket".utf8),
            connection: Array("Upgrade".utf8), key: Array("dGhlIHNhbXBsZSBub25jZQ==".utf8),
            version: Array("13".utf8), extensions: [])
        change(&request)
        return request
    }

    private func response(extensions: String) -> String? {
        let answer = WebSocketHandshake.answer(request { $0.extensions = Array(extensions.utf8) })
        guard case .accept(let acceptance) = answer else { return nil }
        guard let deflate = acceptance.deflate else { return "" }
        var out: [UInt8] = []
        deflate.appendAnswer(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test func exampleOfTheRFC() {
        guard case .accept(let acceptance) = WebSocketHandshake.answer(request()) else {
            Issue.record("refused")
            return
        }
        var out: [UInt8] = []
        acceptance.appendResponse(to: &out)
        let expected =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        #expect(String(decoding: out, as: UTF8.self) == expected)
    }

    @Test func digestsOfSHA1() {
        func hex(_ text: String) -> String {
            SHA1.digest(Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        #expect(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(hex(String(repeating: "a", count: 1000)) == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
    }

    @Test func everyRefusalHasItsStatus() {
        func refusal(_ change: (inout WebSocketUpgradeRequest) -> Void) -> WebSocketUpgradeRefusal? {
            if case .refuse(let refusal) = WebSocketHandshake.answer(request(change)) { refusal } else { nil }
        }
        #expect(refusal { $0.methodIsGET = false } == .method)
        #expect(refusal { $0.versionIsHTTP11 = false } == .httpVersion)
        #expect(refusal { $0.hasBody = true } == .body)
        #expect(refusal { $0.upgrade = [] } == .upgrade)
        #expect(refusal { $0.upgrade = Array("websockets".utf8) } == .upgrade)
        #expect(refusal { $0.connection = Array("keep-alive".utf8) } == .connection)
        #expect(refusal { $0.version = Array("8".utf8) } == .version)
        #expect(refusal { $0.version = Array("13, 13".utf8) } == .version)
        #expect(refusal { $0.version = [] } == .version)
        for key in ["", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25j!Q=="] {
            #expect(refusal { $0.key = Array(key.utf8) } == .key, "\(key)")
        }
        #expect(refusal { $0.extensions = Array("permessage-deflate; =".utf8) } == .extensions)
        #expect(WebSocketUpgradeRefusal.method.status == 405)
        #expect(WebSocketUpgradeRefusal.upgrade.status == 426)
        #expect(WebSocketUpgradeRefusal.version.status == 426)
        #expect(WebSocketUpgradeRefusal.key.status == 400)
        var fields: [UInt8] = []
        WebSocketUpgradeRefusal.version.appendFields(to: &fields)
        #expect(String(decoding: fields, as: UTF8.self).contains("Sec-WebSocket-Version: 13\r\n"))
    }

    @Test func tokensAreFoundInListsWithoutCase() {
        let answer = WebSocketHandshake.answer(
            request {
                $0.upgrade = Array("h2c, WebSocket".utf8)
                $0.connection = Array("keep-alive , UPGRADE".utf8)
            })
        if case .refuse(let refusal) = answer { Issue.record("refused: \(refusal)") }
    }

    /// What clients offer and what they are answered; "" is no compression, nil a refused handshake.
    static let offers: [(String, String?)] = {
        let base = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        return [
            ("", ""), ("x-webkit-deflate-frame", ""), ("permessage-deflate", base), ("Permessage-Deflate", base),
            ("permessage-deflate; client_max_window_bits", base),
            ("permessage-deflate; client_max_window_bits=10", base + "; client_max_window_bits=10"),
            ("permessage-deflate; client_max_window_bits=8", base + "; client_max_window_bits=8"),
            ("permessage-deflate; server_max_window_bits=9", base + "; server_max_window_bits=9"),
            (
                "permessage-deflate;server_max_window_bits=\"12\" ; client_max_window_bits",
                base + "; server_max_window_bits=12"
            ),
            ("permessage-deflate; client_no_context_takeover; server_no_context_takeover", base),
            // Declined: no such window, values out of place, repeated or unknown parameters.
            ("permessage-deflate; server_max_window_bits=8", ""), ("permessage-deflate; server_max_window_bits=16", ""),
            ("permessage-deflate; server_max_window_bits=010", ""), ("permessage-deflate; server_max_window_bits", ""),
            ("permessage-deflate; server_no_context_takeover=1", ""), ("permessage-deflate; unknown", ""),
            ("permessage-deflate; client_max_window_bits; client_max_window_bits=9", ""),
            ("permessage-deflate; client_max_window_bits=7", ""), ("permessage-deflate; client_max_window_bits=9x", ""),
            // The first offer that can be served.
            (
                "permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10",
                base + "; server_max_window_bits=10"
            ),
            ("foo; a=b; c, permessage-deflate", base), (" , permessage-deflate ,", base),
            // Malformed.
            ("permessage-deflate;", nil), ("permessage-deflate permessage-deflate", nil), (";", nil),
            ("a; b=\"", nil), ("a; b=\"c d\"", nil), ("a; b=\"\"", nil), ("a;b=;c", nil), ("a/b", nil),
        ]
    }()

    @Test(arguments: offers.indices)
    func offersAreAnsweredStrictly(index: Int) {
        let (offer, expected) = Self.offers[index]
        #expect(response(extensions: offer) == expected, "\(offer)")
    }

    @Test func ourClientAndOurServerUnderstandEachOther() {
        for offersDeflate in [false, true] {
            let client = WebSocketClientHandshake(nonce: Array(0..<16), offersDeflate: offersDeflate)
            let server = WebSocketHandshake.answer(
                request {
                    $0.key = client.key
                    $0.extensions = offersDeflate ? Array(String(describing: PermessageDeflate.offer).utf8) : []
                })
            guard case .accept(let acceptance) = server else {
                Issue.record("refused")
                continue
            }
            var extensions: [UInt8] = []
            acceptance.deflate?.appendAnswer(to: &extensions)
            func judge(accept: [UInt8]? = nil, status: Int = 101) -> WebSocketClientHandshake.Answer {
                client.judge(
                    status: status, upgrade: Array("WebSocket".utf8), connection: Array("upgrade".utf8),
                    accept: accept ?? acceptance.accept, extensions: extensions)
            }
            guard case .open(let deflate) = judge() else {
                Issue.record("not open")
                continue
            }
            #expect((deflate != nil) == offersDeflate)
            #expect(judge(accept: []) == .failed(.accept))
            #expect(judge(status: 403) == .failed(.status(403)))
        }
    }

    @Test func aClientRefusesAnExtensionItDidNotOffer() {
        let client = WebSocketClientHandshake(nonce: Array(0..<16))
        let answer = client.judge(
            status: 101, upgrade: Array("websocket".utf8), connection: Array("Upgrade".utf8),
            accept: WebSocketHandshake.acceptValue(key: client.key), extensions: Array("permessage-deflate".utf8))
        #expect(answer == .failed(.extensions))
    }
}
