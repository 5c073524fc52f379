internal import ArgumentParser
internal import Reactor

/// What does a delivery cost?
struct FanoutCommand: ParsableCommand {
    enum Sender: String, ExpressibleByArgument, CaseIterable {
        /// A stream of messages on the backend socket (halley only).
        case backend
        /// One more WebSocket connection.
        case socket
    }

    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Publishes messages to a group whose members are all connected: server CPU time per delivery.",
        discussion: """
            Every client checks that it receives every message once and in order; a message that is lost, doubled, or \
            received by somebody who should not, fails the run. --pending messages leave together, the next ones when \
            all clients have all of them. --bytes is the length of the message that a client receives.
            """)

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: RunOptions

    @Option(help: "How many messages are measured; a multiple of --pending.")
    var messages: Int

    @Option(help: "How many messages leave together.")
    var pending: Int

    @Option(help: "Bytes of each message as its receivers get it.")
    var bytes: Int

    @Option(help: "How messages reach the server.")
    var sender: Sender

    @Option(help: "Batches that are sent first and not measured.")
    var warmup: Int = 3

    func validate() throws {
        try target.requireBackend()
        guard messages > 0, pending > 0, messages % pending == 0, messages < 10_000_000 else {
            throw ValidationError("--messages is a multiple of --pending, below ten million.")
        }
        guard warmup >= 0, warmup <= 1000 else { throw ValidationError("--warmup is 0 to 1000.") }
        guard (32...60_000).contains(bytes) else { throw ValidationError("--bytes is 32 to 60000.") }
        guard sender == .socket || target.target == .halley else {
            throw ValidationError("--target uws takes messages from a socket only.")
        }
    }

    mutating func run() throws {
        let run = try LoadRun("fanout", target, options, depth: .auth)
        let group = run.kind == .halley ? "load-\(options.seed)-\(options.connections)" : nil
        if let backend = run.backend, let group {
            let population = Population(backend: backend, seed: options.seed)
            run.script.credentials = try population.signUp(options.connections + 1)
            // The sender owns it.
            let members = [options.connections] + Array(0..<options.connections)
            try population.makeGroups([(group, members)])
            backend.disconnect()
        }
        run.script.inbox.ledger = DeliveryLedger(clients: options.connections)
        try run.open(CrowdPlan(count: options.connections, concurrency: options.concurrency), pings: true)
        let broadcast = try Broadcast(run, publisher: try makePublisher(run, group), sender: options.connections)

        try broadcast.calibrate(frameBytes: bytes)
        for _ in 0..<warmup { try broadcast.send(pending) }
        try broadcast.measure(batches: messages / pending, of: pending)
        try broadcast.check()
        run.report.add("sender", sender.rawValue)
        try run.finish()
    }

    private func makePublisher(_ run: LoadRun, _ group: String?) throws -> any Publisher {
        if sender == .backend, let backend = run.backend, let group {
            return try BulkPublisher(
                key: backend.key, sender: run.script.credentials[options.connections].uid, group: group,
                loop: run.loop)
        }
        try run.crowd.open(CrowdPlan(count: 1, concurrency: 1), pings: true)
        guard run.crowd.failed == 0 else { throw LoadFailure("the sender did not get in: \(run.crowd.explanation)") }
        return SocketPublisher(crowd: run.crowd, index: options.connections, group: group)
    }
}
