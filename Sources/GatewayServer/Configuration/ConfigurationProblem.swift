/// One thing wrong with the configuration: where it stands, which key, and what was expected.
public struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file with its line, `HALLEY_…`, or a flag.
    public let source: String
    /// `section.key`, or a path within an app's file.
    public let key: String
    public let reason: String

    public init(source: String, key: String, reason: String) {
        self.source = source
        self.key = key
        self.reason = reason
    }

    public var description: String { key.isEmpty ? "\(source): \(reason)" : "\(source): \(key): \(reason)" }
}

/// Every problem of a configuration, so that an operator mends them in one go.
public struct ConfigurationProblems: Error, Sendable, CustomStringConvertible {
    public let problems: [ConfigurationProblem]

    public init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
