/// A page of metrics in the Prometheus text format, version 0.0.4. Value; built on scrape.
public struct MetricsPage {
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Family {
        let name: String
        let help: String
        let kind: Kind
        var lines: [String] = []
    }

    private var families: [Family] = []
    private var indexByName: [String: Int] = [:]

    public init() {}

    public mutating func add(
        _ name: String, _ kind: Kind, _ help: String, labels: [(name: String, value: String)] = [], _ value: Double
    ) {
        append(to: name, kind, help, "\(name)\(Self.text(labels)) \(Self.text(value))")
    }

    public mutating func add(
        _ name: String, _ kind: Kind, _ help: String, labels: [(name: String, value: String)] = [], _ value: Int
    ) {
        append(to: name, kind, help, "\(name)\(Self.text(labels)) \(value)")
    }

    /// A histogram: `buckets` holds the counts per bound, not cumulative; `over` what was past the last bound.
    public mutating func addHistogram(
        _ name: String, _ help: String, bounds: [Double], buckets: [Int], over: Int, sum: Double
    ) {
        precondition(bounds.count == buckets.count, "one count per bound")
        var cumulative = 0
        for (bound, count) in zip(bounds, buckets) {
            cumulative += count
            append(to: name, .histogram, help, "\(name)_bucket{le=\"\(Self.text(bound))\"} \(cumulative)")
        }
        cumulative += over
        append(to: name, .histogram, help, "\(name)_bucket{le=\"+Inf\"} \(cumulative)")
        append(to: name, .histogram, help, "\(name)_sum \(Self.text(sum))")
        append(to: name, .histogram, help, "\(name)_count \(cumulative)")
    }

    public var text: String {
        families.map { family in
            (["# HELP \(family.name) \(family.help)", "# TYPE \(family.name) \(family.kind.rawValue)"] + family.lines)
                .joined(separator: "\n") + "\n"
        }.joined()
    }

    private mutating func append(to name: String, _ kind: Kind, _ help: String, _ line: String) {
        let index = indexByName[name] ?? families.count
        if index == families.count {
            indexByName[name] = index
            families.append(Family(name: name, help: help, kind: kind))
        }
        families[index].lines.append(line)
    }

    private static func text(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
