internal import ArgumentParser
internal import Reactor

/// What does a connection cost to keep?
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Opens authenticated connections and lets them rest: memory of the server per connection.",
        discussion: """
            bytes_per_connection is what the server's resident memory grew by from before the first connection; \
            bytes_per_connection_and_user from before its users and groups were made. Start the server anew for each \
            run: memory once used is not given back.
            """)

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: RunOptions

    @Option(help: "Seconds between the last connection and the measurement.")
    var settle: Double

    @Option(help: "halley: in how many groups each user is.")
    var groups: Int = 0

    @Option(help: "halley: members of each group.")
    var groupSize: Int?

    func validate() throws {
        try target.requireBackend()
        guard target.serverPid != nil else {
            throw ValidationError("Give --server-pid: its memory is what is measured.")
        }
        guard settle >= 0 else { throw ValidationError("--settle is not negative.") }
        guard groups >= 0, groups == 0 || target.target == .halley else {
            throw ValidationError("--groups is for --target halley.")
        }
        guard groups == 0 || groupSize.map({ $0 > 0 && groups * $0 <= options.connections * groups }) == true else {
            throw ValidationError("With --groups give --group-size, at most --connections.")
        }
    }

    mutating func run() throws {
        let run = try LoadRun("idle", target, options, depth: .auth)
        guard let probe = run.probe else { return }
        let beforeUsers = try probe.sample()
        if let backend = run.backend {
            let population = Population(backend: backend, seed: options.seed)
            run.script.credentials = try population.signUp(options.connections)
            try population.makeGroups(memberships())
            backend.disconnect()
        }
        try run.rest(ms: 1000, "the server rests")

        let before = try probe.sample()
        let kernelBefore = KernelSample.read()
        try run.open(CrowdPlan(count: options.connections, concurrency: options.concurrency), pings: true)
        try settle(run)
        let after = try probe.sample()
        let kernelAfter = KernelSample.read()
        // Those who are counted must still be there.
        if run.crowd.pingDueMs != nil { try run.crowd.pingRound() } else { run.crowd.sweep { _ in true } }

        let count = Double(options.connections)
        run.report.add("settle_s", settle)
        run.report.add("groups_per_user", groups)
        run.report.add("group_size", groupSize ?? 0)
        run.report.add("resident_start_bytes", beforeUsers.residentBytes)
        run.report.add("resident_before_bytes", before.residentBytes)
        run.report.add("resident_after_bytes", after.residentBytes)
        run.report.add("bytes_per_connection", Double(after.residentBytes - before.residentBytes) / count)
        run.report.add(
            "bytes_per_connection_and_user", Double(after.residentBytes - beforeUsers.residentBytes) / count)
        run.report.add(
            "anonymous_bytes_per_connection", Double(after.anonymousBytes - before.anonymousBytes) / count)
        run.report.add("descriptors", after.descriptors)
        run.report.add("sockets", kernelAfter.sockets)
        let ends = Double(max(kernelAfter.sockets - kernelBefore.sockets, 1))
        run.report.add("kernel_bytes_per_socket", Double(kernelAfter.slabBytes - kernelBefore.slabBytes) / ends)
        run.report.add("kernel_figure", kernelAfter.isByCache ? "socket caches" : "all slab memory")
        try run.finish()
    }

    /// Lets the server rest, but for pings that are due.
    private func settle(_ run: LoadRun) throws {
        let end = SystemTime.monotonicMs() + Int64(settle * 1000)
        while SystemTime.monotonicMs() < end {
            if let dueMs = run.crowd.pingDueMs, run.loop.nowMs >= dueMs { try run.crowd.pingRound() }
            try run.loop.poll(timeoutMs: 100, awaiting: "the server settles") { run.crowd.ready($0, $1) }
            run.progress.show("settling, \(run.crowd.count) connected")
        }
    }

    /// Every user in `groups` groups of about `groupSize`.
    private func memberships() -> [(guid: String, members: [Int])] {
        guard groups > 0, let groupSize else { return [] }
        let count = max(groups, (options.connections * groups + groupSize - 1) / groupSize)
        var members = [[Int]](repeating: [], count: count)
        for user in 0..<options.connections {
            for place in 0..<groups { members[(user * groups + place) % count].append(user) }
        }
        return members.enumerated().filter { !$0.element.isEmpty }.map {
            ("load-\(options.seed)-idle-\(options.connections)-\(groups)-\(groupSize)-\($0.offset)", $0.element)
        }
    }
}
