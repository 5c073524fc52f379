internal import Foundation
internal import Logging

/// One line per event on standard error. Any thread.
struct LineLogHandler: HalleyLogHandler {
    enum Style { case text, json }

    let label: String
    let style: Style
    var metadata: Logger.Metadata = [:]

    func write(_ event: LogEvent, _ fields: [LogField]) {
        let line =
            switch style {
            case .text: Self.text(event.level, event.message, fields)
            case .json: Self.json(event.level, event.message, fields)
            }
        FileHandle.standardError.write(Data(line.utf8))
    }

    private static func text(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [LogField]
    ) -> String {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        return "\(time) \(level.rawValue.uppercased()) \(message)\(tail(fields))\n"
    }

    private static func json(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [LogField]
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
