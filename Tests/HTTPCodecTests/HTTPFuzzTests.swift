import HTTPCodec
import Testing

/// A small deterministic generator (xorshift64*), so that a failing seed can be run again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// Seeded mutations of valid requests and noise: nothing crashes, and how the bytes are cut changes nothing.
@Suite struct HTTPFuzzTests {
    private static let parts = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /a?b=c HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\nabc",
        "PUT /x HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nExpect: 100-continue\r\n\r\n",
        "GET http://h/p HTTP/1.0\r\nConnection: keep-alive\r\nX: \u{E9}\r\n\r\n", "\r\n",
    ]

    @Test func mutatedRequestsReadTheSameHoweverTheyAreCut() {
        let limits = HTTPLimits(headBytesMax: 120, targetBytesMax: 30, fieldsMax: 4)
        for seed in 0..<1500 {
            var random = SeededRandom(seed: UInt64(seed))
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                stream += Array(Self.parts.randomElement(using: &random)!.utf8)
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !stream.isEmpty {
                let index = Int.random(in: 0..<stream.count, using: &random)
                let byte = Array("\r\n :;,/0159aF\u{0}\u{7F}\t%".utf8).randomElement(using: &random)!
                switch Int.random(in: 0..<4, using: &random) {
                case 0: stream[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: stream[index] = byte
                case 2: stream.remove(at: index)
                default: stream.insert(byte, at: index)
                }
            }
            let whole = HTTPProbe.run(stream, limits: limits, bodyBytesMax: 20)
            let some = stream.indices.filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
            #expect(HTTPProbe.run(stream, cuts: some, limits: limits, bodyBytesMax: 20) == whole, "seed \(seed)")
            let all = Array(stream.indices)
            #expect(HTTPProbe.run(stream, cuts: all, limits: limits, bodyBytesMax: 20) == whole, "seed \(seed)")
        }
    }

    @Test func noiseNeverCrashes() {
        for seed in 0..<1500 {
            var random = SeededRandom(seed: UInt64(seed) + 991)
            let noise = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = HTTPProbe.run(noise)
            var parser = HTTPResponseParser()
            _ = parser.parseHead(noise.span)
            _ = try? HTTPTarget.segments(noise.span, path: 0..<noise.count)
            _ = try? HTTPTarget.queryItems(noise.span, query: 0..<noise.count)
            var decoder = HTTPBodyDecoder(framing: .chunked, bodyBytesMax: 30)
            var cursor = 0
            while case .data = decoder.next(noise.span, &cursor) {}
        }
    }
}
