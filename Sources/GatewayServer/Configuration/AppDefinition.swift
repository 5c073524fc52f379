internal import Foundation
internal import GatewayCore
internal import Yams

/// One app's file in `apps.d`: its id and credentials (protocol.md §2). Immutable.
public struct AppDefinition: Sendable, Equatable {
    public let id: String
    public let authKey: String
    public let apiKeys: [String]
    public let jwtKeys: [JWTKey]
    /// What this app's file says instead of the configuration's `limits`.
    let limits: AppLimits
    public let webhooks: [WebhookDefinition]

    init(
        id: String, authKey: String, apiKeys: [String], jwtKeys: [JWTKey], limits: AppLimits = AppLimits(),
        webhooks: [WebhookDefinition] = []
    ) {
        self.id = id
        self.authKey = authKey
        self.apiKeys = apiKeys
        self.jwtKeys = jwtKeys
        self.limits = limits
        self.webhooks = webhooks
    }
}

/// Reads app files; collects every problem with its file and key.
public struct AppDefinitionReader {
    let path: String
    var problems: [ConfigurationProblem] = []

    private init(path: String) {
        self.path = path
    }

    /// Reads every `*.yaml` of a directory, sorted by name.
    ///
    /// - Throws: `ConfigurationProblems`, also for a directory that cannot be read and for two files with one id.
    public static func readDirectory(_ directory: String) throws(ConfigurationProblems) -> [AppDefinition] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw ConfigurationProblems([
                ConfigurationProblem(source: directory, key: "apps.directory", reason: "cannot be read")
            ])
        }
        var apps: [AppDefinition] = []
        var problems: [ConfigurationProblem] = []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let path = directory + "/" + name
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                problems.append(ConfigurationProblem(source: path, key: "", reason: "cannot be read as UTF-8 text"))
                continue
            }
            var reader = Self(path: path)
            let app = reader.read(text)
            problems += reader.problems
            guard let app else { continue }
            if apps.contains(where: { $0.id == app.id }) {
                problems.append(
                    ConfigurationProblem(source: path, key: "id", reason: "\"\(app.id)\" has a file already"))
            }
            apps.append(app)
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return apps
    }

    private mutating func read(_ text: String) -> AppDefinition? {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            report("", "is not YAML: \(error)")
            return nil
        }
        guard let fields = root?.mapping else {
            report("", "must be a mapping with at least id and authKey")
            return nil
        }
        let known = ["id", "authKey", "authKeyFile", "apiKeys", "apiKeysFile", "jwt", "limits", "webhooks"]
        for (key, _) in fields where !known.contains(key.string ?? "") {
            report(key.string ?? "?", "is not a known key")
        }
        let id = fields["id"]?.string ?? ""
        if id.isEmpty || id.utf8.count > 100 { report("id", "must be 1 to 100 characters") }
        let authKey = secret(fields, "authKey") ?? ""
        if authKey.isEmpty { report("authKey", "is missing") }
        let apiKeys = self.apiKeys(fields)
        let jwtKeys = self.jwtKeys(fields["jwt"])
        let limits = self.limits(fields["limits"])
        let webhooks = self.webhooks(fields["webhooks"])
        guard problems.isEmpty else { return nil }
        return AppDefinition(
            id: id, authKey: authKey, apiKeys: apiKeys, jwtKeys: jwtKeys, limits: limits, webhooks: webhooks)
    }

    private mutating func apiKeys(_ fields: Node.Mapping) -> [String] {
        if fields["apiKeysFile"] != nil {
            return (secret(fields, "apiKeys") ?? "").split(whereSeparator: \.isNewline).map(String.init)
        }
        guard let node = fields["apiKeys"] else { return [] }
        guard let items = node.sequence?.compactMap(\.scalar?.string), items.allSatisfy({ !$0.isEmpty }) else {
            report("apiKeys", "must be a list of keys")
            return []
        }
        return items
    }

    /// `name`, or the content of the file that `nameFile` names, without its last newline.
    mutating func secret(_ fields: Node.Mapping, _ name: String, at place: String = "") -> String? {
        if let direct = fields[Node(name)]?.string { return direct }
        guard let file = fields[Node(name + "File")]?.string else { return nil }
        guard let text = try? String(contentsOfFile: resolve(file), encoding: .utf8) else {
            report("\(place)\(name)File", "\(file) cannot be read")
            return nil
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// A file that an app's file names stands beside it, unless its path is absolute.
    func resolve(_ file: String) -> String {
        file.hasPrefix("/") ? file : URL(fileURLWithPath: path).deletingLastPathComponent().path + "/" + file
    }

    mutating func report(_ key: String, _ reason: String) {
        problems.append(ConfigurationProblem(source: path, key: key, reason: reason))
    }
}
