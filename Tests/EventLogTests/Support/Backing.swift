import ChatModel
import EventLog
import Foundation

/// The implementations that the contract holds for.
enum Backing: CaseIterable, Sendable {
    case memory, sqlite
    /// SQLite, closed and opened again after every write: nothing may live in memory only.
    case reopened
}

/// A log and its store under test, with one app. Closes and removes its file at the end.
final class Bench {
    let backing: Backing
    private(set) var log: any EventLog
    private(set) var store: any Store
    let app: AppNumber
    private let file: TemporaryFile?
    private let durability: StoreOptions.Durability
    private let feedLinesKept: Int64

    init(
        _ backing: Backing, durability: StoreOptions.Durability = .process, feedLinesKept: Int64 = 100_000
    ) throws {
        self.backing = backing
        self.durability = durability
        self.feedLinesKept = feedLinesKept
        switch backing {
        case .memory:
            let both = InMemoryEventLog(bootID: "boot", feedLinesKept: feedLinesKept)
            (log, store, file) = (both, both, nil)
        case .sqlite, .reopened:
            let file = TemporaryFile()
            let opened = try SQLiteStore(path: file.path, options: Self.options(durability))
            store = opened
            log = SQLiteEventLog(store: opened, bootID: "boot", feedLinesKept: feedLinesKept)
            self.file = file
        }
        app = try store.number(ofApp: "app1")
    }

    private static func options(_ durability: StoreOptions.Durability) -> StoreOptions {
        var options = StoreOptions()
        options.durability = durability
        return options
    }

    var path: String { file?.path ?? "" }

    @discardableResult
    func commit(_ decisions: [LoggedDecision]) throws -> [CommitOutcome] {
        let outcomes = try log.commit(decisions)
        try reopenIfAsked()
        return outcomes
    }

    @discardableResult
    func commit(_ seq: Int64 = 0, _ changes: Change...) throws -> CommitOutcome {
        try commit([LoggedDecision(app: app, seq: seq, changes: changes)])[0]
    }

    func reopenIfAsked() throws {
        if backing == .reopened { try reopen() }
    }

    /// Closes the file and opens it again. `bootID`: what the start is called.
    func reopen(bootID: String = "boot") throws {
        guard let file else { return }
        let idle = InMemoryEventLog()
        (log, store) = (idle, idle)
        let opened = try SQLiteStore(path: file.path, options: Self.options(durability))
        (log, store) = (SQLiteEventLog(store: opened, bootID: bootID, feedLinesKept: feedLinesKept), opened)
    }
}

/// A file name in a directory of its own, removed with everything in it at the end.
final class TemporaryFile {
    let directory: String
    let path: String

    init() {
        directory = NSTemporaryDirectory() + "eventlog-\(UUID().uuidString)"
        path = directory + "/halley.db"
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }
}
