internal import Foundation

/// A configuration with the apps it names, read and checked together. Immutable.
public struct LoadedConfiguration: Sendable {
    public let configuration: Configuration
    public let apps: [AppDefinition]

    public init(configuration: Configuration, apps: [AppDefinition]) {
        self.configuration = configuration
        self.apps = apps
    }

    /// - Parameters:
    ///   - file: the YAML file; nil: `defaults` alone, with `appsBase` as the base of a relative apps directory.
    /// - Throws: `ConfigurationProblems` listing everything that is wrong in the file, the variables, the flags and the
    ///   apps' files.
    public static func load(
        defaults: Configuration = Configuration(), file: String?, appsBase: String = ".",
        environment: [String: String], flags: [(key: String, value: String)]
    ) throws(ConfigurationProblems) -> LoadedConfiguration {
        var text: (path: String, text: String)?
        if let file {
            guard let content = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw ConfigurationProblems([
                    ConfigurationProblem(source: file, key: "", reason: "cannot be read as UTF-8 text")
                ])
            }
            text = (file, content)
        }
        let configuration = try ConfigurationReader.read(
            defaults: defaults, file: text, environment: environment, flags: flags)
        let base = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? appsBase
        let directory = configuration.apps.directory
        let apps = try AppDefinitionReader.readDirectory(directory.hasPrefix("/") ? directory : "\(base)/\(directory)")
        guard !apps.isEmpty else {
            throw ConfigurationProblems([
                ConfigurationProblem(source: directory, key: "apps.directory", reason: "holds no app (*.yaml)")
            ])
        }
        return LoadedConfiguration(configuration: configuration, apps: apps)
    }
}
