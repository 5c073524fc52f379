internal import Foundation
internal import Yams

/// One app's file in `apps.d`: its id and credentials (protocol.md §2). Immutable.
public struct AppDefinition: Sendable, Equatable {
    public struct JWTKey: Sendable, Equatable {
        public enum Algorithm: String, Sendable, CaseIterable {
            case hs256 = "HS256"
            case rs256 = "RS256"
            case es256 = "ES256"
            case eddsa = "EdDSA"
        }

        /// RFC 7518 §3.2 asks HS256 secrets to be at least so long. Shorter ones work, and are warned of.
        public static let secretBytesMin = 32

        public let kid: String?
        public let algorithm: Algorithm
        /// The shared secret (HS256), or the public key as PEM.
        public let material: String
    }

    public let id: String
    public let authKey: String
    public let apiKeys: [String]
    public let jwtKeys: [JWTKey]
}

/// Reads app files; collects every problem with its file and key.
public struct AppDefinitionReader {
    private let path: String
    private var problems: [ConfigurationProblem] = []

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
        let known = ["id", "authKey", "authKeyFile", "apiKeys", "apiKeysFile", "jwt"]
        for (key, _) in fields where !known.contains(key.string ?? "") {
            report(key.string ?? "?", "is not a known key")
        }
        let id = fields["id"]?.string ?? ""
        if id.isEmpty || id.utf8.count > 100 { report("id", "must be 1 to 100 characters") }
        let authKey = secret(fields, "authKey") ?? ""
        if authKey.isEmpty { report("authKey", "is missing") }
        let apiKeys = self.apiKeys(fields)
        let jwtKeys = self.jwtKeys(fields["jwt"])
        guard problems.isEmpty else { return nil }
        return AppDefinition(id: id, authKey: authKey, apiKeys: apiKeys, jwtKeys: jwtKeys)
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

    private mutating func jwtKeys(_ node: Node?) -> [AppDefinition.JWTKey] {
        guard let node else { return [] }
        guard let fields = node.mapping else {
            report("jwt", "must be a mapping")
            return []
        }
        for (key, _) in fields where key.string != "keys" {
            report("jwt.\(key.string ?? "?")", key.string == "jwksFile" ? "is not served yet" : "is not a known key")
        }
        guard let list = fields["keys"]?.sequence else {
            report("jwt.keys", "must be a list")
            return []
        }
        return list.enumerated().compactMap { index, entry in jwtKey(entry, at: "jwt.keys[\(index)]") }
    }

    private mutating func jwtKey(_ node: Node, at place: String) -> AppDefinition.JWTKey? {
        guard let fields = node.mapping else {
            report(place, "must be a mapping")
            return nil
        }
        let known = ["kid", "algorithm", "secret", "secretFile", "publicKey", "publicKeyFile"]
        for (key, _) in fields where !known.contains(key.string ?? "") {
            report("\(place).\(key.string ?? "?")", "is not a known key")
        }
        guard let algorithm = fields["algorithm"]?.string.flatMap(AppDefinition.JWTKey.Algorithm.init) else {
            report("\(place).algorithm", "must be HS256, RS256, ES256 or EdDSA")
            return nil
        }
        let name = algorithm == .hs256 ? "secret" : "publicKey"
        guard let material = secret(fields, name, at: place + "."), !material.isEmpty else {
            report("\(place).\(name)", "is missing")
            return nil
        }
        return AppDefinition.JWTKey(kid: fields["kid"]?.string, algorithm: algorithm, material: material)
    }

    /// `name`, or the content of the file that `nameFile` names, without its last newline.
    private mutating func secret(_ fields: Node.Mapping, _ name: String, at place: String = "") -> String? {
        if let direct = fields[Node(name)]?.string { return direct }
        guard let file = fields[Node(name + "File")]?.string else { return nil }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            report("\(place)\(name)File", "\(file) cannot be read")
            return nil
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private mutating func report(_ key: String, _ reason: String) {
        problems.append(ConfigurationProblem(source: path, key: key, reason: reason))
    }
}
