internal import Reactor
internal import TLSEngine

/// The parts that every scenario works with, and how it ends. Confined to the main thread.
final class LoadRun {
    let kind: TargetKind
    let options: RunOptions
    let loop: LoadLoop
    let script: ClientScript
    let crowd: Crowd
    let progress = Progress()
    /// The target's backend; nil for a peer that has none, or where nobody signs in.
    let backend: Backend?
    /// nil: no figures of the server.
    let probe: ServerProbe?
    var report = Report()
    /// What went wrong without ending the run.
    var failures: [String] = []

    init(_ scenario: String, _ target: TargetOptions, _ options: RunOptions, depth: ConnectDepth) throws {
        kind = target.target
        self.options = options
        let endpoint = Endpoint(target.url)!
        do throws(SystemError) {
            try Self.raiseDescriptorLimit(for: options.connections)
            loop = try LoadLoop(timeLimit: options.timeLimit)
        } catch {
            throw LoadFailure(error)
        }
        var context: TLSContext?
        if endpoint.isTLS {
            do throws(TLSConfigurationError) {
                context = try TLSContext.client(trust: target.ca.map { .authorityFile($0) } ?? .insecure)
            } catch {
                throw LoadFailure(error)
            }
        }
        script = ClientScript(
            endpoint: endpoint, context: context, depth: depth, app: target.app ?? "", seed: options.seed)
        crowd = Crowd(loop: loop, script: script, progress: progress)
        probe = target.serverPid.map { ServerProbe(pid: $0) }
        if kind == .halley, let path = target.backendSocket, let app = target.app, let key = target.apiKey {
            backend = Backend(key: BackendKey(socketPath: path, app: app, key: key), loop: loop, progress: progress)
        } else {
            backend = nil
        }
        report.add("scenario", scenario)
        report.add("target", kind.rawValue)
        report.add("connections", options.connections)
        report.add("concurrency", options.concurrency)
        report.add("seed", Int(truncatingIfNeeded: options.seed))
    }

    private static func raiseDescriptorLimit(for connections: Int) throws(SystemError) {
        // Poller, standard streams, backend connections, files of /proc.
        let needed = UInt64(connections + 100)
        if Syscall.descriptorLimit().soft >= needed { return }
        try Syscall.setDescriptorLimit(soft: needed)
        if Syscall.descriptorLimit().soft < needed {
            throw SystemError(code: 24, call: "setrlimit", object: "\(needed) descriptors")
        }
    }

    /// Lets time pass for the server to finish what it does behind the clients' backs.
    func rest(ms: Int64, _ what: String, _ handle: (PollToken, PollEvents) -> Void = { _, _ in }) throws {
        let end = SystemTime.monotonicMs() + ms
        while SystemTime.monotonicMs() < end {
            try loop.poll(timeoutMs: Int32(max(1, min(50, end - SystemTime.monotonicMs()))), awaiting: what) {
                crowd.ready($0, $1)
                handle($0, $1)
            }
        }
    }

    /// Opens the crowd; a client that does not get in ends the run.
    func open(_ plan: CrowdPlan, pings: Bool) throws {
        try crowd.open(plan, pings: pings)
        guard crowd.failed == 0, crowd.lost == 0 else {
            throw LoadFailure(
                "\(crowd.failed) of \(plan.count) clients did not get in, \(crowd.lost) were lost: \(crowd.explanation)"
            )
        }
        if let cipher = crowd.cipher { report.add("tls", cipher) }
    }

    /// Prints the figures, lets the clients go, and fails if anything has.
    func finish() throws {
        progress.clear()
        if crowd.lost > 0 { failures.append("\(crowd.lost) clients were lost: \(crowd.explanation)") }
        report.add("clients_lost", crowd.lost)
        report.add("ok", failures.isEmpty ? "yes" : "no")
        crowd.dropAll()
        try report.publish(to: options.json)
        if !failures.isEmpty { throw LoadFailure(failures.joined(separator: "\n")) }
    }
}
