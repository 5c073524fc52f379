internal import Foundation
internal import Histogram
internal import JSONCodec

/// The figures of a run, in order: `key=value` lines for people and scripts, one line of JSON for files.
struct Report {
    enum Value {
        case text(String)
        case integer(Int)
        case number(Double)
    }

    private var figures: [(key: String, value: Value)] = []

    mutating func add(_ key: String, _ text: String) {
        figures.append((key, .text(text)))
    }

    mutating func add(_ key: String, _ integer: Int) {
        figures.append((key, .integer(integer)))
    }

    /// Kept to a tenth.
    mutating func add(_ key: String, _ number: Double) {
        figures.append((key, .number((number * 10).rounded() / 10)))
    }

    mutating func add(_ key: String, percentilesOf histogram: Histogram<UInt64>) {
        guard histogram.totalCount > 0 else { return }
        for (name, percentile) in [("p50", 50.0), ("p99", 99.0), ("p999", 99.9)] {
            add("\(key)_\(name)", Int(histogram.valueAtPercentile(percentile)))
        }
        add("\(key)_max", Int(histogram.max))
    }

    var lines: String {
        figures.map { "\($0.key)=\(Self.text($0.value))\n" }.joined()
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in figures {
            writer.key(text: key)
            switch value {
            case .text(let text): writer.string(text)
            case .integer, .number: writer.raw(Array(Self.text(value).utf8))
            }
        }
        writer.endObject()
        return writer.take()
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        case .number(let number): number.isFinite ? String(format: "%.1f", number) : "0"
        }
    }

    /// Prints the lines and appends the JSON to `file`, if there is one.
    func publish(to file: String?) throws {
        print(lines, terminator: "")
        guard let file else { return }
        if !FileManager.default.fileExists(atPath: file) {
            _ = FileManager.default.createFile(atPath: file, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: file) else {
            throw LoadFailure("\(file) cannot be written")
        }
        do {
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(json + [UInt8(ascii: "\n")]))
            try handle.close()
        } catch {
            throw LoadFailure("\(file) cannot be written: \(error)")
        }
    }
}
