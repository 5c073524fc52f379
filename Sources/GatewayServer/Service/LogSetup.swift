internal import Foundation
internal import Logging
internal import Synchronization

/// Where log lines go: journald with its fields, JSON lines, or text for people. Set up once, before the first line.
public enum LogSetup {
    /// The least severe level written; a reload changes it for every logger at once.
    static let level = Mutex<Logger.Level>(.info)

    /// `format`: `auto`, `text`, `json` or `journald` (operations.md). `auto`: journald when standard error is the
    /// journal's stream, text on a terminal, else JSON.
    public static func start(format: String, level name: String) {
        setLevel(name)
        let chosen = format == "auto" ? automatic() : format
        LoggingSystem.bootstrap { label in
            switch chosen {
            case "journald": JournalLogHandler(label: label)
            case "json": LineLogHandler(label: label, style: .json)
            default: LineLogHandler(label: label, style: .text)
            }
        }
    }

    public static func setLevel(_ name: String) {
        guard let level = Logger.Level(rawValue: name) else { return }
        Self.level.withLock { $0 = level }
    }

    static var currentLevel: Logger.Level { level.withLock { $0 } }

    private static func automatic() -> String {
        if ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil { return "journald" }
        return isatty(STDERR_FILENO) == 1 ? "text" : "json"
    }
}
