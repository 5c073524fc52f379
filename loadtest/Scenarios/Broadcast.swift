internal import Histogram
internal import Reactor

/// Batches of messages to a whole crowd, each waited for until everybody has it. Confined to the main thread.
final class Broadcast {
    /// After the last delivery: time for what should not come.
    private static let lingerMs: Int64 = 300

    private let run: LoadRun
    private let publisher: any Publisher
    /// The index of the client that sends, or would.
    private let sender: Int
    private var text: MessageText
    /// From leaving to everybody's having it, in µs.
    private var batchTimes = Histogram<UInt64>(
        highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
    private var sent = 0

    init(_ run: LoadRun, publisher: any Publisher, sender: Int) throws {
        self.run = run
        self.publisher = publisher
        self.sender = sender
        text = MessageText(marks: run.script.inbox.marks)
    }

    /// Learns from one message how long frames are, and makes them `frameBytes` long.
    func calibrate(frameBytes: Int) throws {
        try send(1)
        try send(1)
        guard let lengths = run.script.inbox.frameBytes else { throw LoadFailure("no message arrived") }
        try text.fit(frameBytes: lengths.upperBound, to: frameBytes)
    }

    /// One batch, to its last delivery.
    func send(_ count: Int) throws {
        let (crowd, script) = (run.crowd, run.script)
        let first = script.inbox.ledger.nextSequence
        let texts = (0..<UInt32(count)).map { text.make(first + $0) }
        sent += count
        let startedNs = SystemTime.monotonicNs()
        script.inbox.ledger.publish(count, atNs: startedNs)
        try publisher.publish(texts)
        while script.inbox.ledger.behind > 0 {
            crowd.sweep { script.inbox.ledger.isBehind($0) || $0 == sender }
            try run.loop.poll(timeoutMs: 0, awaiting: "messages arrive: \(state)") { ready($0, $1) }
            try checkAlive()
        }
        _ = batchTimes.record(UInt64((SystemTime.monotonicNs() - startedNs) / 1000))
    }

    private func ready(_ token: PollToken, _ events: PollEvents) {
        if token == BulkPublisher.token { publisher.ready(events) } else { run.crowd.ready(token, events) }
    }

    private var state: String {
        let ledger = run.script.inbox.ledger
        return "\(ledger.missing) of \(ledger.published * ledger.clients) deliveries missing"
    }

    private func checkAlive() throws {
        if run.crowd.lost > 0 { throw LoadFailure("clients were lost: \(run.crowd.explanation); \(state)") }
        if publisher.refused > 0 { throw LoadFailure("a message was refused: \(publisher.refusal ?? "")") }
    }

    /// Sends and measures `batches` batches of `count` messages. Pings that are due go in between and are not counted.
    func measure(batches: Int, of count: Int) throws {
        try run.rest(ms: 100, "the server rests") { ready($0, $1) }
        if run.crowd.pingDueMs != nil { try run.crowd.pingRound() }
        run.script.inbox.beginMeasuring()
        batchTimes.reset()
        var meter = FanoutMeter(probe: run.probe)
        let deliveredBefore = run.script.inbox.ledger.delivered
        try meter.begin()
        for batch in 0..<batches {
            if let dueMs = run.crowd.pingDueMs, run.loop.nowMs >= dueMs {
                try meter.pause { try run.crowd.pingRound() }
            }
            try send(count)
            run.progress.show("message \((batch + 1) * count)/\(batches * count)")
        }
        let elapsedNs = meter.elapsedNs
        try run.rest(ms: 50, "the server rests") { ready($0, $1) }
        try meter.end()
        report(
            meter, elapsedNs, batches * count, count, deliveries: run.script.inbox.ledger.delivered - deliveredBefore)
    }

    private func report(_ meter: FanoutMeter, _ elapsedNs: Int64, _ messages: Int, _ pending: Int, deliveries: Int) {
        run.report.add("messages", messages)
        run.report.add("pending", pending)
        if let lengths = run.script.inbox.frameBytes {
            run.report.add("frame_bytes_min", lengths.lowerBound)
            run.report.add("frame_bytes_max", lengths.upperBound)
        }
        run.report.add("measured_deliveries", deliveries)
        run.report.add("wall_ms", Double(elapsedNs) / 1e6)
        run.report.add("deliveries_per_second", Double(deliveries) / (Double(elapsedNs) / 1e9))
        run.report.add("delivery_us", percentilesOf: run.script.inbox.latency)
        run.report.add("batch_us", percentilesOf: batchTimes)
        guard let (before, after) = meter.samples else { return }
        let cpuNs = after.cpuNs(since: before) - meter.pausedCPUNs
        run.report.add("server_cpu_ms", Double(cpuNs) / 1e6)
        run.report.add("cpu_ns_per_delivery", Double(cpuNs) / Double(max(deliveries, 1)))
        run.report.add("server_cpu_percent", Double(cpuNs) / Double(elapsedNs) * 100)
        run.report.addThreads(after, since: before, per: deliveries)
    }

    /// Waits for what should not come and for what must still come, then settles the account.
    func check() throws {
        let end = SystemTime.monotonicMs() + Self.lingerMs
        while SystemTime.monotonicMs() < end || publisher.confirmed.map({ $0 < sent }) == true {
            run.crowd.sweep { _ in true }
            try run.loop.poll(timeoutMs: 20, awaiting: "messages are confirmed") { ready($0, $1) }
            try checkAlive()
        }
        let inbox = run.script.inbox
        let ledger = inbox.ledger
        run.report.add("published", ledger.published)
        run.report.add("deliveries", ledger.delivered)
        run.report.add("missing", ledger.missing)
        run.report.add("doubled", ledger.doubled)
        run.report.add("surplus", ledger.surplus)
        run.report.add("other_frames", inbox.others)
        if ledger.missing > 0 { run.failures.append("\(ledger.missing) deliveries are missing") }
        if ledger.doubled > 0 { run.failures.append("\(ledger.doubled) deliveries came twice or late") }
        if ledger.surplus > 0 { run.failures.append("\(ledger.surplus) deliveries were not for who got them") }
    }
}
