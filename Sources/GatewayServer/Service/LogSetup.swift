internal import CSystemd
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

/// One line per event on standard error. Any thread.
struct LineLogHandler: LogHandler {
    enum Style { case text, json }

    let label: String
    let style: Style
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { LogSetup.currentLevel }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line =
            switch style {
            case .text: Self.text(event.level, event.message, fields)
            case .json: Self.json(event.level, event.message, fields)
            }
        FileHandle.standardError.write(Data(line.utf8))
    }

    private static func text(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        let tail = fields.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(level.rawValue.uppercased()) \(message)\(tail)\n"
    }

    private static func json(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        var object: [String: String] = [
            "time": Date().formatted(.iso8601.time(includingFractionalSeconds: true)),
            "level": level.rawValue,
            "message": "\(message)",
        ]
        for (key, value) in fields where object[key] == nil { object[key] = "\(value)" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(object)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}

/// Structured entries in the journal: each metadata key becomes a `HALLEY_…` field. Any thread.
struct JournalLogHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { LogSetup.currentLevel }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let tail = fields.map { " \($0.key)=\($0.value)" }.joined()
        var entries = [
            "MESSAGE=\(event.message)\(tail)", "PRIORITY=\(Self.priority(event.level))", "SYSLOG_IDENTIFIER=halleyd",
        ]
        for (key, value) in fields { entries.append("HALLEY_\(Self.fieldName(key))=\(value)") }
        Self.send(entries.map { Array($0.utf8) })
    }

    private static func send(_ entries: [[UInt8]]) {
        let sizes = entries.map(\.count)
        var joined = entries.flatMap { $0 }
        // SAFETY: the vectors point into `joined`, which outlives the call, at offsets that add up to its length.
        unsafe joined.withUnsafeMutableBytes { bytes in
            var vectors: [iovec] = unsafe []
            var offset = 0
            for size in sizes {
                unsafe vectors.append(iovec(iov_base: bytes.baseAddress! + offset, iov_len: size))
                offset += size
            }
            _ = unsafe sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }

    /// Journal field names are upper case letters, digits and underscores.
    private static func fieldName(_ key: String) -> String {
        String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
