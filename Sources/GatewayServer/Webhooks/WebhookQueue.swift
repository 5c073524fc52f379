internal import DequeModule

/// What one webhook has under way: a bounded window onto its app's feed. Sans-I/O; owned by the webhooks' thread.
///
///     feed ──append──► slots, ascending ──next──► attempt ──finished──► done, or waiting again
///                        │ one lane per conversation: only its first slot that is not done is attempted
///                        └ done at the front ──► `through` moves on
///
/// | slot | next | delivered | failed, attempts left | failed, none left |
/// |---|---|---|---|---|
/// | waiting, first of its lane, due | → under way | – | – | – |
/// | waiting otherwise | stays | – | – | – |
/// | under way | stays | → done | → waiting, later | → done, counted as skipped |
///
/// A slot keeps its body until it is done. The feed is read on only while there is room: whatever else waits, waits in
/// the store.
struct WebhookQueue {
    /// Deliveries at once, of different conversations.
    static let parallelMax = 8
    /// Events in the window, done ones behind a front that is not included, and bytes of those that are not done.
    static let slotsMax = 1_024
    static let bytesMax = 4 << 20

    struct Attempt: Equatable {
        let n: Int64
        let body: [UInt8]
    }

    enum Outcome: Equatable {
        case delivered, willRetry, skipped
    }

    private struct Slot {
        let n: Int64
        let lane: String
        var body: [UInt8]
        var failures = 0
        var dueAtMs: Int64 = 0
        var isDone = false
    }

    /// The slots of a lane that are not done, first one first.
    private struct Lane {
        var waiting: Deque<Int64>
        var isUnderWay = false
    }

    private var slots: Deque<Slot> = []
    private var lanes: [String: Lane] = [:]
    /// Lanes whose first slot may be due, in turn.
    private var turns: Deque<String> = []
    private var bytes = 0
    private(set) var underWay = 0
    /// The feed was read up to here.
    private(set) var readThrough: Int64
    var retries: Int

    init(after through: Int64, retries: Int) {
        readThrough = through
        self.retries = retries
    }

    /// Every line up to here is delivered, given up or not wanted.
    var through: Int64 { slots.first.map { $0.n - 1 } ?? readThrough }
    var hasRoom: Bool { slots.count < Self.slotsMax && bytes < Self.bytesMax }
    var pending: Int { lanes.reduce(0) { $0 + $1.value.waiting.count } }

    /// A wanted line. `lane`: whatever must stay in order has the same.
    mutating func append(_ n: Int64, lane: String, body: [UInt8]) {
        precondition(n > readThrough, "a feed is read in order")
        readThrough = n
        slots.append(Slot(n: n, lane: lane, body: body))
        bytes += body.count
        if lanes[lane] == nil {
            lanes[lane] = Lane(waiting: [n])
            turns.append(lane)
        } else {
            lanes[lane]?.waiting.append(n)
        }
    }

    /// The feed was read up to here, and nothing since the last line was wanted.
    mutating func advance(through n: Int64) {
        readThrough = max(readThrough, n)
    }

    /// What to attempt now; nil: nothing is due, or enough is under way.
    mutating func next(nowMs: Int64) -> Attempt? {
        guard underWay < Self.parallelMax else { return nil }
        for _ in 0..<turns.count {
            guard let lane = turns.popFirst() else { break }
            guard let n = lanes[lane]?.waiting.first, let slot = index(of: n) else { continue }
            guard slots[slot].dueAtMs <= nowMs else {
                turns.append(lane)
                continue
            }
            lanes[lane]?.isUnderWay = true
            underWay += 1
            return Attempt(n: n, body: slots[slot].body)
        }
        return nil
    }

    /// When something will be due that is not now; nil: nothing waits for time.
    func nextDueMs() -> Int64? {
        turns.lazy.compactMap { lane in lanes[lane]?.waiting.first.flatMap(index).map { slots[$0].dueAtMs } }.min()
    }

    /// An attempt has ended. `chance`: see `WebhookRules.waitMs`.
    mutating func finished(_ n: Int64, isDelivered: Bool, nowMs: Int64, chance: Double) -> Outcome {
        guard let slot = index(of: n), lanes[slots[slot].lane]?.isUnderWay == true else {
            preconditionFailure("only what is under way ends")
        }
        underWay -= 1
        let lane = slots[slot].lane
        lanes[lane]?.isUnderWay = false
        if !isDelivered {
            slots[slot].failures += 1
            if slots[slot].failures <= retries {
                slots[slot].dueAtMs = nowMs + WebhookRules.waitMs(failures: slots[slot].failures, chance: chance)
                turns.append(lane)
                return .willRetry
            }
        }
        settle(slot, lane)
        return isDelivered ? .delivered : .skipped
    }

    private mutating func settle(_ slot: Int, _ lane: String) {
        bytes -= slots[slot].body.count
        slots[slot].body = []
        slots[slot].isDone = true
        lanes[lane]?.waiting.removeFirst()
        if lanes[lane]?.waiting.isEmpty == true { lanes[lane] = nil } else { turns.append(lane) }
        while slots.first?.isDone == true { slots.removeFirst() }
    }

    private func index(of n: Int64) -> Int? {
        var (low, high) = (slots.startIndex, slots.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].n < n { low = middle + 1 } else { high = middle }
        }
        return low < slots.endIndex && slots[low].n == n ? low : nil
    }
}
