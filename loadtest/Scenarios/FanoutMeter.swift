internal import Reactor

/// CPU and wall time of a measured part, without its pauses.
struct FanoutMeter {
    private let probe: ServerProbe?
    private var startedNs: Int64 = 0
    private var pausedNs: Int64 = 0
    private var before: ServerProbe.Sample?
    private var after: ServerProbe.Sample?
    /// CPU time that the server used during pauses.
    private(set) var pausedCPUNs: Int64 = 0

    init(probe: ServerProbe?) {
        self.probe = probe
    }

    mutating func begin() throws {
        before = try probe?.sampleCPU()
        startedNs = SystemTime.monotonicNs()
    }

    /// Wall time since the beginning.
    var elapsedNs: Int64 { SystemTime.monotonicNs() - startedNs - pausedNs }

    /// Does something that is not to be measured.
    mutating func pause(_ body: () throws -> Void) throws {
        let pauseNs = SystemTime.monotonicNs()
        let sample = try probe?.sampleCPU()
        try body()
        if let sample, let now = try probe?.sampleCPU() { pausedCPUNs += now.cpuNs(since: sample) }
        pausedNs += SystemTime.monotonicNs() - pauseNs
    }

    mutating func end() throws {
        after = try probe?.sampleCPU()
    }

    /// The first and the last sample; nil without a probe.
    var samples: (ServerProbe.Sample, ServerProbe.Sample)? {
        guard let before, let after else { return nil }
        return (before, after)
    }
}
