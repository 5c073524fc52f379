import Testing
import WebSocketCodec

/// Seeded mutations of valid streams: whatever comes, the decoder does not crash, keeps its limit, and says the same
/// however the bytes are cut. The seed is in the failure.
@Suite struct DecoderFuzzTests {
    private static func stream(_ random: inout SeededRandom, deflater: Deflater?) -> [UInt8] {
        var stream: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            var payload = [UInt8]()
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                payload.append(contentsOf: Array(["a", "é", "水", "😀"].randomElement(using: &random)!.utf8))
            }
            if Int.random(in: 0..<8, using: &random) == 0 { payload = Array(payload.prefix(125)) + payload }
            let opcode: UInt8 = Bool.random(using: &random) ? 1 : 2
            var reserved: UInt8 = 0
            if let deflater, Bool.random(using: &random) {
                var compressed: [UInt8] = []
                deflater.deflate(payload.span, to: &compressed)
                (payload, reserved) = (compressed, 4)
            }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: stream += frame(9, Array(payload.prefix(20)))
            case 1:
                let cut = payload.count / 2
                stream += frame(opcode, Array(payload[..<cut]), fin: false, reserved: reserved)
                if Bool.random(using: &random) { stream += frame(10, [1]) }
                stream += frame(0, Array(payload[cut...]))
            case 2 where Int.random(in: 0..<3, using: &random) == 0: stream += closeFrame(1000)
            default: stream += frame(opcode, payload, reserved: reserved)
            }
        }
        return stream
    }

    private static func mutate(_ stream: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 0...3, using: &random) where !stream.isEmpty {
            let index = Int.random(in: 0..<stream.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: stream[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: stream[index] = UInt8.random(in: 0...255, using: &random)
            case 2: stream.remove(at: index)
            default: stream.insert(UInt8.random(in: 0...255, using: &random), at: index)
            }
        }
    }

    @Test(arguments: [false, true])
    func mutatedStreamsReadTheSameHoweverTheyAreCut(deflates: Bool) {
        let deflater = deflates ? Deflater(windowBits: 9) : nil
        let inflater = Inflater()
        for seed in 0..<600 {
            var random = SeededRandom(seed: UInt64(seed))
            var stream = Self.stream(&random, deflater: deflater)
            Self.mutate(&stream, &random)
            func run(_ cuts: [Int]) -> [SeenEvent] {
                DecoderProbe.run(
                    stream, cuts: cuts, messageBytesMax: 300, deflates: deflates, inflater: inflater)
            }
            let whole = run([])
            let cuts = stream.indices.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
            #expect(run(cuts) == whole, "seed \(seed)")
            #expect(run(Array(stream.indices)) == whole, "seed \(seed)")
        }
    }

    @Test func noiseNeverCrashes() {
        let inflater = Inflater()
        for seed in 0..<3000 {
            var random = SeededRandom(seed: UInt64(seed) + 77)
            let noise = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            for role in [WebSocketRole.server, .client] {
                func run(_ cuts: [Int]) -> [SeenEvent] {
                    DecoderProbe.run(
                        noise, cuts: cuts, role: role, messageBytesMax: 40, deflates: true, inflater: inflater)
                }
                #expect(run(Array(noise.indices)) == run([]), "seed \(seed)")
            }
            _ = try? inflater.inflate(noise.span, outputBytesMax: 1000)
        }
    }
}
