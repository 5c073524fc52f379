internal import ArgumentParser
internal import ChatModel
internal import EventLog
internal import Foundation
internal import Reactor

/// What does a read cost when much has been written?
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Writes a history into a store of its own and reads it: pages, conversations, unread counts, words.",
        discussion: """
            No server takes part: the log and the store are called as the gateway calls them. Times are wall clock, in \
            microseconds, of one reader on a quiet store. With --file the history stays, and is read again without being \
            written when the file exists.
            """)

    @Option(help: "How many messages.")
    var messages: Int = 200_000

    @Option(help: "How many users; 0: one for each 500 messages, at least 200.")
    var users: Int = 0

    @Option(help: "How many times each read is measured.")
    var samples: Int = 1_000

    @Option(help: "Decisions in one transaction, as the log gathers them under load.")
    var batch: Int = 100

    @Option(help: "Seed of everything random: who writes what to whom, and what is read.")
    var seed: UInt64 = 1

    @Option(help: "Keep the store in this file; by default it is a temporary one.")
    var file: String?

    @Option(help: "Append the figures to this file as one line of JSON.")
    var json: String?

    func validate() throws {
        guard messages >= 1_000 else { throw ValidationError("--messages is at least 1000.") }
        guard users == 0 || users >= 200 else { throw ValidationError("--users is at least 200.") }
        guard samples > 0, batch > 0 else { throw ValidationError("--samples and --batch are at least 1.") }
    }

    mutating func run() throws {
        let plan = StorePlan(
            messages: messages, users: users > 0 ? users : max(200, messages / 500), batch: batch, seed: seed)
        let directory = NSTemporaryDirectory() + "halley-store-\(getpid())"
        let path = file ?? directory + "/store.db"
        if file == nil {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        defer { if file == nil { try? FileManager.default.removeItem(atPath: directory) } }
        do {
            try measure(plan, path)
        } catch let failure as LogFailure {
            throw LoadFailure(failure.reason)
        }
    }

    private func measure(_ plan: StorePlan, _ path: String) throws {
        var report = Report()
        report.add("scenario", "store")
        report.add("messages", plan.messages)
        report.add("users", plan.users)
        let isThere = FileManager.default.fileExists(atPath: path)
        var options = StoreOptions()
        options.durability = .process
        let store = try SQLiteStore(path: path, options: options)
        let app = try store.number(ofApp: "load")
        if isThere {
            let held = try store.positions(app).committed
            guard held >= plan.positions else {
                throw LoadFailure("\(path) holds \(held) positions and not the \(plan.positions) of such a history")
            }
        } else {
            let progress = Progress()
            defer { progress.clear() }
            var writer = StoreWriter(plan, store, app, progress)
            try writer.write(into: &report)
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        report.add("file_bytes_per_message", Double(size) / Double(plan.messages))
        var meter = StoreMeter(plan, store, app, samples: samples)
        try meter.measure(into: &report)
        try report.publish(to: json)
    }
}
