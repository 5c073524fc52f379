internal import Logging

/// What both kinds of lines share: one level for all loggers, and metadata as sorted fields.
protocol HalleyLogHandler: LogHandler {
    func write(_ event: LogEvent, _ fields: [LogField])
}

/// One field of a line.
typealias LogField = (key: String, value: Logger.MetadataValue)

extension HalleyLogHandler {
    /// Set by the configuration alone, for every logger at once.
    var logLevel: Logger.Level {
        get { LogSetup.currentLevel }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        write(event, metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key })
    }

    /// The fields as text behind a message.
    static func tail(_ fields: [LogField]) -> String {
        fields.map { " \($0.key)=\($0.value)" }.joined()
    }
}
