internal import Histogram
internal import JSONCodec
internal import Reactor

/// Everything that open clients received, by kind. Confined to the loop's thread.
struct Inbox {
    /// The marks of this run's messages.
    var marks: MarkScanner
    var ledger = DeliveryLedger(clients: 0)
    /// Publish → received, in µs.
    var latency = Histogram<UInt64>(highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
    /// Length of the frames that carried a mark.
    private(set) var frameBytes: ClosedRange<Int>?
    private(set) var pongs = 0
    private(set) var acks = 0
    private(set) var refusals = 0
    private(set) var others = 0
    /// The first error frame.
    private(set) var firstError: String?
    /// The shortest ping timeout that any `auth` answer named, in ms.
    var pingTimeoutMs: Int64?

    init(run: UInt64) {
        marks = MarkScanner(run: run)
    }

    /// Forgets what was measured so far, to begin a measured part.
    mutating func beginMeasuring() {
        latency.reset()
        frameBytes = nil
    }

    /// A text frame for client `index`, which had been read at `nowNs`.
    mutating func receive(_ index: Int, _ bytes: Span<UInt8>, nowNs: Int64) {
        if let sequence = marks.sequence(in: bytes) {
            if let publishedNs = ledger.record(client: index, sequence: sequence) {
                _ = latency.record(UInt64(max(nowNs - publishedNs, 0) / 1000))
            }
            let range = frameBytes ?? bytes.count...bytes.count
            frameBytes = min(range.lowerBound, bytes.count)...max(range.upperBound, bytes.count)
            return
        }
        switch Self.kind(of: bytes) {
        case "pong": pongs += 1
        case "ack": acks += 1
        case "error":
            refusals += 1
            if firstError == nil { firstError = String(decoding: [UInt8](copying: bytes).prefix(500), as: UTF8.self) }
        default: others += 1
        }
    }

    /// A frame's `type`, or `action` where it stands at the top (3.2: pings and pongs have no type).
    private static func kind(of bytes: Span<UInt8>) -> String? {
        var found: String?
        do throws(JSONError) {
            // SAFETY: bytes have no padding.
            try unsafe JSONReader.read(bytes.bytes) { (reader: inout JSONReader) throws(JSONError) in
                try reader.enterObject()
                while let key = try reader.nextKey() {
                    if reader.matches(key, "type") || reader.matches(key, "action") {
                        found = try reader.string()
                    } else {
                        _ = try reader.skip()
                    }
                }
            }
        } catch {
            return nil
        }
        return found
    }
}

extension [UInt8] {
    /// A copy of lent bytes.
    init(copying bytes: Span<UInt8>) {
        self = (0..<bytes.count).map { bytes[$0] }
    }
}
