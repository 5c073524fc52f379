import HTTPCodec
import Testing

/// Seeded mutations of valid forms and noise: nothing crashes, and how the bytes are cut changes nothing.
@Suite struct MultipartFuzzTests {
    private static let pieces =
        [
            MultipartProbe.part("a", "x"),
            MultipartProbe.part("file", "\r\n--AaB03\r\r\n", more: "; filename=\"a\\\"b\""),
            MultipartProbe.part("ä", "", head: "Content-Type: text/plain; charset=utf-8\r\n"),
            MultipartProbe.part("b", "\r\n-", more: "; filename*=x; filename=y"), "\r\n", "--AaB03x", "--AaB03x--",
            MultipartProbe.end,
        ]

    @Test func mutatedFormsReadTheSameHoweverTheyAreCut() throws {
        var limits = MultipartLimits()
        limits.partsMax = 3
        limits.headBytesMax = 130
        limits.fieldBytesMax = 12
        limits.epilogueBytesMax = 20
        var complete = 0
        for seed in 0..<1_500 {
            var random = SeededRandom(seed: UInt64(seed))
            var body: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                body += Array(Self.pieces.randomElement(using: &random)!.utf8)
            }
            if Bool.random(using: &random) { body += Array(MultipartProbe.end.utf8) }
            for _ in 0..<Int.random(in: 0...2, using: &random) where !body.isEmpty {
                let index = Int.random(in: 0..<body.count, using: &random)
                let byte = Array("\r\n-;:=\"\\ aA\u{0}\u{7F}".utf8).randomElement(using: &random)!
                switch Int.random(in: 0..<4, using: &random) {
                case 0: body[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: body[index] = byte
                case 2: body.remove(at: index)
                default: body.insert(byte, at: index)
                }
            }
            let whole = try MultipartProbe.run(body, limits: limits)
            if whole.isComplete { complete += 1 }
            let some = body.indices.filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
            #expect(try MultipartProbe.run(body, cuts: some, limits: limits) == whole, "seed \(seed)")
            #expect(try MultipartProbe.run(body, cuts: Array(body.indices), limits: limits) == whole, "seed \(seed)")
        }
        #expect(complete > 100, "the corpus holds whole forms")
    }

    @Test func noiseNeverCrashes() {
        for seed in 0..<1_500 {
            var random = SeededRandom(seed: UInt64(seed) + 77)
            let noise = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? MultipartProbe.run(noise)
            let text = String(decoding: noise, as: UTF8.self)
            _ = try? MultipartBoundary(contentType: "multipart/form-data;" + text)
            _ = HTTPByteRange.parse(text, length: 10)
            _ = HTTPByteRange.parse("bytes=" + text, length: 10)
            _ = HTTPDate.parse(text)
        }
    }
}
