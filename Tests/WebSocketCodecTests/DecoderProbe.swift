import WebSocketCodec

/// An event with its bytes copied out, so that runs over differently cut input can be compared.
enum SeenEvent: Equatable {
    case text(String), binary([UInt8]), ping([UInt8]), pong([UInt8])
    case close(UInt16?, String)
    case failed(WebSocketFault)
}

/// Feeds a decoder and copies what it says.
struct DecoderProbe {
    var decoder: WebSocketDecoder
    let inflater: Inflater?
    var events: [SeenEvent] = []

    init(
        role: WebSocketRole = .server, messageBytesMax: Int = 1 << 20, deflates: Bool = false, inflater: Inflater? = nil
    ) {
        self.inflater = inflater ?? (deflates ? Inflater() : nil)
        decoder = WebSocketDecoder(role: role, messageBytesMax: messageBytesMax, deflates: deflates)
    }

    mutating func feed(_ piece: [UInt8]) {
        var buffer = piece
        var cursor = 0
        while true {
            var span = buffer.mutableSpan
            guard let event = decoder.next(&span, &cursor, inflater: inflater) else { break }
            let inflater = inflater
            func copy(_ payload: WebSocketPayload) -> [UInt8] {
                payload.withBytes(in: buffer.span, inflater: inflater) { bytes in
                    var copy: [UInt8] = []
                    for index in 0..<bytes.count { copy.append(bytes[index]) }
                    return copy
                }
            }
            switch event {
            case .text(let payload): events.append(.text(String(decoding: copy(payload), as: UTF8.self)))
            case .binary(let payload): events.append(.binary(copy(payload)))
            case .ping(let payload): events.append(.ping(copy(payload)))
            case .pong(let payload): events.append(.pong(copy(payload)))
            case .close(let code, let reason):
                events.append(.close(code?.rawValue, String(decoding: copy(reason), as: UTF8.self)))
            case .failed(let fault): events.append(.failed(fault))
            }
        }
    }

    /// The events of `stream` cut at `cuts`.
    static func run(
        _ stream: [UInt8], cuts: [Int] = [], role: WebSocketRole = .server, messageBytesMax: Int = 1 << 20,
        deflates: Bool = false, inflater: Inflater? = nil
    ) -> [SeenEvent] {
        var probe = DecoderProbe(
            role: role, messageBytesMax: messageBytesMax, deflates: deflates, inflater: inflater)
        var start = 0
        for cut in cuts + [stream.count] {
            probe.feed(Array(stream[start..<cut]))
            start = cut
        }
        return probe.events
    }

    /// Whether whole, byte by byte, and cut in two at every place, the events are the same; gives them.
    static func runEverySplit(
        _ stream: [UInt8], role: WebSocketRole = .server, messageBytesMax: Int = 1 << 20, deflates: Bool = false
    ) -> (events: [SeenEvent], isSame: Bool) {
        let inflater = deflates ? Inflater() : nil
        func run(_ cuts: [Int]) -> [SeenEvent] {
            Self.run(
                stream, cuts: cuts, role: role, messageBytesMax: messageBytesMax, deflates: deflates,
                inflater: inflater)
        }
        let whole = run([])
        var isSame = stream.isEmpty || run(Array(1..<max(1, stream.count))) == whole
        for cut in 0...stream.count where run([cut]) != whole { isSame = false }
        return (whole, isSame)
    }
}

/// Builds client frames by hand, so that wrong ones can be built too.
func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, reserved: UInt8 = 0, masked: Bool = true,
    key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
) -> [UInt8] {
    var bytes = [(fin ? 0x80 : 0) | reserved << 4 | opcode]
    let mask: UInt8 = masked ? 0x80 : 0
    switch payload.count {
    case 0...125: bytes.append(mask | UInt8(payload.count))
    case 126...0xFFFF: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        bytes.append(mask | 127)
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 0xFF)) }
    }
    guard masked else { return bytes + payload }
    bytes += key
    for (index, byte) in payload.enumerated() { bytes.append(byte ^ key[index % 4]) }
    return bytes
}

func closeFrame(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
    frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
}

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
