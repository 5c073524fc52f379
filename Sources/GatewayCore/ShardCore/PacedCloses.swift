internal import ChatModel
internal import WireProtocol

/// Connections that are to be closed a few at a time, so that their coming back is no stampede.
struct PacedCloses {
    struct Job {
        let connections: [ConnectionReference]
        let reason: CloseReason
        /// Connections per second, over all shards.
        let rate: Int
        let startMs: Int64
        /// For the advice when to come back: handshakes per second that all shards together can do; 0: no advice.
        let handshakesPerSecond: Int
        var next = 0
    }

    struct Due {
        let connection: ConnectionReference
        let reason: CloseReason
        let retryAfterMs: Int
    }

    private var jobs: [Job] = []

    var isEmpty: Bool { jobs.isEmpty }
    /// Connections still to be closed.
    var count: Int { jobs.reduce(0) { $0 + $1.connections.count - $1.next } }

    mutating func add(_ job: Job) { jobs.append(job) }

    /// Those whose time has come. The shards take turns: of the n-th connections closed, every `shards`-th is this one's.
    mutating func takeDue(nowMs: Int64, shard: Int, shards: Int) -> [Due] {
        var due: [Due] = []
        for index in jobs.indices {
            let job = jobs[index]
            let reached = 1 + (nowMs - job.startMs) * Int64(job.rate) / 1_000
            let share = (Int(clamping: reached) + shards - 1 - shard) / shards
            while jobs[index].next < min(share, job.connections.count) {
                let number = jobs[index].next * shards + shard
                due.append(
                    Due(
                        connection: job.connections[jobs[index].next], reason: job.reason,
                        retryAfterMs: Self.retryAfterMs(number, job.handshakesPerSecond)))
                jobs[index].next += 1
            }
        }
        jobs.removeAll { $0.next == $0.connections.count }
        return due
    }

    /// Spreads the returns evenly over the allowed time.
    static func retryAfterMs(_ number: Int, _ handshakesPerSecond: Int) -> Int {
        guard handshakesPerSecond > 0 else { return 0 }
        let range = ShardRules.drainRetryMs
        return range.lowerBound + (number * 1_000 / handshakesPerSecond) % range.count
    }
}
