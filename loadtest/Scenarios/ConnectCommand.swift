internal import ArgumentParser
internal import Reactor

/// What does a connection cost to open?
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Opens connections and holds them: server CPU time per handshake, and how long it took.",
        discussion: """
            Full TLS handshakes, or with --resumed sessions resumed by ticket; as fast as --concurrency allows, or at \
            --rate. Closing them is not in the figures.
            """)

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: RunOptions

    @Option(help: "How far each connection is opened: tls, upgrade (WebSocket) or auth (signed in).")
    var depth: ConnectDepth

    @Option(help: "Connections begun per second at most.")
    var rate: Double?

    @Flag(help: "Resume one earlier TLS session each time.")
    var resumed = false

    func validate() throws {
        if depth == .auth { try target.requireBackend() }
        if let rate, rate <= 0 { throw ValidationError("--rate is more than 0.") }
        if resumed, target.url.hasPrefix("ws://") { throw ValidationError("--resumed needs TLS.") }
    }

    mutating func run() throws {
        let run = try LoadRun("connect", target, options, depth: depth)
        if depth == .auth, let backend = run.backend {
            run.script.credentials = try Population(backend: backend, seed: options.seed)
                .signUp(options.connections + 1)
            backend.disconnect()
        }
        if resumed { try takeSession(run) }
        try run.rest(ms: 300, "the server rests")

        let before = try run.probe?.sampleCPU()
        let startedNs = SystemTime.monotonicNs()
        try run.open(
            CrowdPlan(count: options.connections, concurrency: options.concurrency, perSecond: rate), pings: false)
        let elapsedNs = SystemTime.monotonicNs() - startedNs
        try run.rest(ms: 300, "the server rests")

        run.report.add("depth", depth.rawValue)
        run.report.add("handshake", resumed ? "resumed" : "full")
        run.report.add("rate", rate ?? 0)
        run.report.add("wall_ms", Double(elapsedNs) / 1e6)
        run.report.add("connects_per_second", Double(options.connections) / (Double(elapsedNs) / 1e9))
        run.report.add("open_us", percentilesOf: run.crowd.openTimes)
        if resumed, run.crowd.resumed != options.connections {
            run.failures.append("only \(run.crowd.resumed) of \(options.connections) sessions were resumed")
        }
        if let before, let after = try run.probe?.sampleCPU() {
            let cpuNs = after.cpuNs(since: before)
            run.report.add("server_cpu_ms", Double(cpuNs) / 1e6)
            run.report.add("cpu_us_per_connect", Double(cpuNs) / 1e3 / Double(options.connections))
            run.report.add("connects_per_cpu_second", Double(options.connections) / (Double(cpuNs) / 1e9))
            run.report.addThreads(after, since: before, per: options.connections)
        }
        try run.finish()
    }

    /// Opens one more client to learn what the others can resume.
    private func takeSession(_ run: LoadRun) throws {
        try run.crowd.open(CrowdPlan(count: 1, concurrency: 1), pings: false)
        while run.script.resumption == nil {
            run.crowd.sweep { _ in true }
            run.script.resumption = run.crowd.resumption()
            guard run.crowd.failed == 0, run.crowd.lost == 0 else { throw LoadFailure(run.crowd.explanation) }
            try run.loop.poll(timeoutMs: 10, awaiting: "a ticket arrives") { run.crowd.ready($0, $1) }
        }
    }
}
