internal import Reactor
internal import Yams

/// Reads a configuration: file < `HALLEY_SECTION_KEY` < `--section.key value`. Collects every problem before it throws.
public struct ConfigurationReader {
    private var configuration: Configuration
    private var problems: [ConfigurationProblem] = []

    public init(defaults: Configuration = Configuration()) {
        configuration = defaults
    }

    /// - Parameters:
    ///   - file: the YAML text with the path it came from, or nil for none.
    ///   - environment: all variables; those not beginning with `HALLEY_` are skipped.
    ///   - flags: `(section.key, value)` in order.
    /// - Throws: `ConfigurationProblems` with each file, line and key.
    public static func read(
        defaults: Configuration = Configuration(), file: (path: String, text: String)?,
        environment: [String: String], flags: [(key: String, value: String)]
    ) throws(ConfigurationProblems) -> Configuration {
        var reader = Self(defaults: defaults)
        if let file { reader.readFile(file.path, file.text) }
        reader.readEnvironment(environment)
        reader.readFlags(flags)
        reader.checkWhole()
        guard reader.problems.isEmpty else { throw ConfigurationProblems(reader.problems) }
        return reader.configuration
    }

    private mutating func readFile(_ path: String, _ text: String) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            problems.append(ConfigurationProblem(source: path, key: "", reason: "is not YAML: \(error)"))
            return
        }
        guard let root else { return }
        guard let sections = root.mapping else {
            problems.append(ConfigurationProblem(source: path, key: "", reason: "must be a mapping of sections"))
            return
        }
        for (name, body) in sections { readSection(path, name, body) }
    }

    private mutating func readSection(_ path: String, _ name: Node, _ body: Node) {
        let section = name.string ?? ""
        let source = "\(path):\(name.mark?.line ?? 0)"
        guard ConfigurationSchema.sections.contains(section) else {
            problems.append(ConfigurationProblem(source: source, key: section, reason: "is not a known section"))
            return
        }
        guard let keys = body.mapping else {
            if body.null == nil {
                problems.append(ConfigurationProblem(source: source, key: section, reason: "must be a mapping of keys"))
            }
            return
        }
        for (key, value) in keys {
            let line = "\(path):\(key.mark?.line ?? 0)"
            apply(section: section, name: key.string ?? "", source: line, value: Self.value(of: value))
        }
    }

    private static func value(of node: Node) -> ConfigurationValue? {
        if let scalar = node.scalar { return .scalar(scalar.string) }
        if let sequence = node.sequence {
            let items = sequence.compactMap(\.scalar?.string)
            return items.count == sequence.count ? .list(items) : nil
        }
        return nil
    }

    private mutating func readEnvironment(_ environment: [String: String]) {
        let byVariable = Dictionary(uniqueKeysWithValues: ConfigurationSchema.keys.map { ($0.variable, $0) })
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("HALLEY_") {
            guard let key = byVariable[variable] else {
                problems.append(
                    ConfigurationProblem(source: "environment", key: variable, reason: "is not a known key"))
                continue
            }
            apply(key, source: variable, value: .scalar(text))
        }
    }

    private mutating func readFlags(_ flags: [(key: String, value: String)]) {
        for (path, text) in flags {
            let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            apply(
                section: parts[0], name: parts.count > 1 ? parts[1] : "", source: "--\(path)", value: .scalar(text))
        }
    }

    private mutating func apply(section: String, name: String, source: String, value: ConfigurationValue?) {
        guard let key = ConfigurationSchema.key(section: section, name: name) else {
            problems.append(
                ConfigurationProblem(source: source, key: "\(section).\(name)", reason: "is not a known key"))
            return
        }
        apply(key, source: source, value: value)
    }

    private mutating func apply(_ key: ConfigurationKey, source: String, value: ConfigurationValue?) {
        guard let value else {
            problems.append(
                ConfigurationProblem(source: source, key: key.path, reason: "must be a value or a list of values"))
            return
        }
        do {
            try key.apply(&configuration, value)
        } catch {
            problems.append(ConfigurationProblem(source: source, key: key.path, reason: error.reason))
        }
    }

    /// What no single key can tell.
    private mutating func checkWhole() {
        if configuration.limits.outboundHard < configuration.limits.outboundSoft {
            report("limits.outboundHard", "must not be below limits.outboundSoft")
        }
        if UInt32(configuration.backend.mode, radix: 8).map({ $0 > 0o777 }) ?? true {
            report("backend.mode", "must be an octal mode up to 0777, not \"\(configuration.backend.mode)\"")
        }
        if !configuration.ops.listen.isEmpty, SocketAddress(configuration.ops.listen) == nil {
            report("ops.listen", "must be ADDRESS:PORT or [IPv6]:PORT, not \"\(configuration.ops.listen)\"")
        }
        if configuration.public.listen.isEmpty {
            report("public.listen", "must name at least one address")
        }
    }

    private mutating func report(_ key: String, _ reason: String) {
        problems.append(ConfigurationProblem(source: "configuration", key: key, reason: reason))
    }
}
