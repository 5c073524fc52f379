/// Who has received what: every client is to receive every message once, in order. Value, pure.
///
/// Per client only the next expected sequence number is kept:
///
///     received  | means
///     expected  | delivered
///     later     | those in between are missing (should one still come, it is counted below)
///     earlier   | doubled, or late: never right
///     unknown   | surplus: not published yet, or for a client that is to get nothing
struct DeliveryLedger {
    private var expected: [UInt32]
    /// When each message was published, by sequence number.
    private var publishedNs: [Int64] = []
    private(set) var delivered = 0
    private(set) var doubled = 0
    private(set) var surplus = 0
    private var skipped = 0
    /// Clients that have not reached the end of what was published.
    private(set) var behind = 0

    init(clients: Int) {
        expected = [UInt32](repeating: 0, count: clients)
    }

    var clients: Int { expected.count }
    var published: Int { publishedNs.count }
    /// The sequence number of the next message.
    var nextSequence: UInt32 { UInt32(publishedNs.count) }

    /// Messages that clients should have received and have not.
    var missing: Int { skipped + expected.reduce(0) { $0 + published - Int($1) } }

    /// `count` messages leave now.
    mutating func publish(_ count: Int, atNs: Int64) {
        guard count > 0 else { return }
        publishedNs.append(contentsOf: repeatElement(atNs, count: count))
        behind = expected.count
    }

    func isBehind(_ client: Int) -> Bool {
        client < expected.count && Int(expected[client]) < publishedNs.count
    }

    /// Counts one message; when it was the one expected (or a later one), the time it was published.
    mutating func record(client: Int, sequence: UInt32) -> Int64? {
        guard client < expected.count, Int(sequence) < publishedNs.count else {
            surplus += 1
            return nil
        }
        let next = expected[client]
        guard sequence >= next else {
            doubled += 1
            return nil
        }
        skipped += Int(sequence - next)
        delivered += 1
        expected[client] = sequence + 1
        if Int(sequence) + 1 == publishedNs.count { behind -= 1 }
        return publishedNs[Int(sequence)]
    }
}
