internal import Foundation

/// A configuration with the apps it names, read and checked together. Immutable.
public struct LoadedConfiguration: Sendable {
    public let configuration: Configuration
    public let apps: [AppDefinition]
    /// Where the apps' files are looked for.
    public let appsDirectory: String

    /// What a running gateway needs and this configuration does not have; nil when there is nothing.
    public var missing: ConfigurationProblem? {
        guard apps.isEmpty else { return nil }
        return ConfigurationProblem(
            source: appsDirectory, key: "apps.directory", reason: "holds no app's file (*.yaml)")
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
        let path = directory.hasPrefix("/") ? directory : "\(base)/\(directory)"
        // A directory that is not there yet is no mistake in the configuration; starting without an app is refused.
        let apps = FileManager.default.fileExists(atPath: path) ? try AppDefinitionReader.readDirectory(path) : []
        try check(apps, configuration, in: path)
        return LoadedConfiguration(configuration: configuration, apps: apps, appsDirectory: path)
    }

    /// What an app's file says that this configuration does not allow.
    private static func check(
        _ apps: [AppDefinition], _ configuration: Configuration, in directory: String
    ) throws(ConfigurationProblems) {
        if configuration.webhooks.allowPrivateTargets || configuration.webhooks.allowLoopbackTargets { return }
        var problems: [ConfigurationProblem] = []
        for app in apps {
            for (index, hook) in app.webhooks.enumerated() where hook.isPlain {
                problems.append(
                    ConfigurationProblem(
                        source: "\(directory), app \(app.id)", key: "webhooks[\(index)].url",
                        reason: "must be https: http is for private targets, with webhooks.allowPrivateTargets"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
    }
}
