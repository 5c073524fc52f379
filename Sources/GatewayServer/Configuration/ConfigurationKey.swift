/// A value as it was written, before its key gives it a type.
enum ConfigurationValue: Sendable, Equatable {
    case scalar(String)
    case list([String])
}

/// One key: its name, type, range, meaning, and how it reads from and writes into a `Configuration`.
struct ConfigurationKey: Sendable {
    let section: String
    let name: String
    let meaning: String
    /// Whether SIGHUP applies a change; else a restart is needed.
    let reloadable: Bool
    let show: @Sendable (Configuration) -> String
    /// Throws the reason why the value does not fit.
    let apply: @Sendable (inout Configuration, ConfigurationValue) throws(ConfigurationMismatch) -> Void
    /// Takes the value over from one configuration into another.
    let copy: @Sendable (Configuration, inout Configuration) -> Void

    var path: String { "\(section).\(name)" }
    var variable: String { "HALLEY_\(section.uppercased())_\(name.uppercased())" }
}

/// Why a value does not fit its key.
struct ConfigurationMismatch: Error {
    let reason: String
}

extension ConfigurationKey {
    typealias Path<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    static func integer(
        _ section: String, _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, reloadable: Bool = false,
        _ meaning: String
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: reloadable) {
            String($0[keyPath: path])
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            let text = try scalar(value)
            guard let number = Int(text), range.contains(number) else {
                throw ConfigurationMismatch(
                    reason: "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            }
            configuration[keyPath: path] = number
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    /// A duration: written in seconds, fractions allowed, kept in milliseconds.
    static func seconds(
        _ section: String, _ name: String, _ path: Path<Int>, _ range: ClosedRange<Double>, _ meaning: String
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: true) {
            let ms = $0[keyPath: path]
            return ms % 1_000 == 0 ? String(ms / 1_000) : String(Double(ms) / 1_000)
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            let text = try scalar(value)
            guard let number = Double(text), range.contains(number) else {
                throw ConfigurationMismatch(
                    reason: "must be seconds from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            }
            configuration[keyPath: path] = Int((number * 1_000).rounded())
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    static func text(
        _ section: String, _ name: String, _ path: Path<String>, reloadable: Bool = false, _ meaning: String
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: reloadable) {
            quoted($0[keyPath: path])
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            configuration[keyPath: path] = try scalar(value)
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    static func choice(
        _ section: String, _ name: String, _ path: Path<String>, _ words: [String], reloadable: Bool = false,
        _ meaning: String
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: reloadable) {
            quoted($0[keyPath: path])
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            let text = try scalar(value)
            guard words.contains(text) else {
                throw ConfigurationMismatch(
                    reason: "must be \(words.joined(separator: " or ")), not \"\(text)\"")
            }
            configuration[keyPath: path] = text
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    static func flag(
        _ section: String, _ name: String, _ path: Path<Bool>, reloadable: Bool = false, _ meaning: String
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: reloadable) {
            String($0[keyPath: path])
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            switch try scalar(value) {
            case "true": configuration[keyPath: path] = true
            case "false": configuration[keyPath: path] = false
            case let text: throw ConfigurationMismatch(reason: "must be true or false, not \"\(text)\"")
            }
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    static func list(
        _ section: String, _ name: String, _ path: Path<[String]>, reloadable: Bool = false, _ meaning: String,
        check: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Self {
        Self(section: section, name: name, meaning: meaning, reloadable: reloadable) {
            "[" + $0[keyPath: path].map(quoted).joined(separator: ", ") + "]"
        } apply: { (configuration, value) throws(ConfigurationMismatch) in
            let items: [String] =
                switch value {
                case .list(let items): items
                case .scalar(let text): text.isEmpty ? [] : text.split(separator: ",").map { trimmed($0) }
                }
            for item in items {
                if let reason = check(item) { throw ConfigurationMismatch(reason: "\"\(item)\" \(reason)") }
            }
            configuration[keyPath: path] = items
        } copy: {
            $1[keyPath: path] = $0[keyPath: path]
        }
    }

    private static func scalar(_ value: ConfigurationValue) throws(ConfigurationMismatch) -> String {
        guard case .scalar(let text) = value else {
            throw ConfigurationMismatch(reason: "must be a single value, not a list")
        }
        return text
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
