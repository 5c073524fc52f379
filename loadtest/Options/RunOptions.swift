internal import ArgumentParser

/// How many clients, how fast, for how long at most.
struct RunOptions: ParsableArguments {
    /// What is left of 20,000 descriptors when the program's own and some room are taken off.
    static let connectionsMax = 19_000

    @Option(help: "How many connections, at most \(connectionsMax).")
    var connections: Int

    @Option(help: "How many of them are being opened at the same time.")
    var concurrency: Int

    @Option(help: "Seconds after which the run fails, wherever it is.")
    var timeLimit: Double

    @Option(help: "Seed of everything random: names, masking keys.")
    var seed: UInt64 = 1

    @Option(help: "Append the figures to this file as one line of JSON.")
    var json: String?

    func validate() throws {
        guard (1...Self.connectionsMax).contains(connections) else {
            throw ValidationError("--connections is 1 to \(Self.connectionsMax).")
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency is at least 1.") }
        guard timeLimit > 0, timeLimit <= 86_400 else { throw ValidationError("--time-limit is up to 86400 s.") }
    }
}
