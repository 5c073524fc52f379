internal import Foundation
internal import Yams

/// `jwt:` of an app's file: keys that stand in it, and those of a JWKS file.
extension AppDefinitionReader {
    /// Keys of one app; a token without a `kid` may cost a check of each.
    static let jwtKeysMax = 100
    /// A JWKS file of so many keys is far smaller.
    private static let jwksBytesMax = 1 << 20

    mutating func jwtKeys(_ node: Node?) -> [AppDefinition.JWTKey] {
        guard let node else { return [] }
        guard let fields = node.mapping else {
            report("jwt", "must be a mapping")
            return []
        }
        for (key, _) in fields where key.string != "keys" && key.string != "jwksFile" {
            report("jwt.\(key.string ?? "?")", "is not a known key")
        }
        var keys = listedKeys(fields["keys"]).map { (key: $0.key, source: path, place: $0.place) }
        if let file = jwksFile(fields["jwksFile"]) {
            keys += setKeys(file).map { (key: $0.key, source: file, place: $0.place) }
        }
        checkTogether(keys)
        return keys.map(\.key)
    }

    // MARK: - In the app's file

    private mutating func listedKeys(_ node: Node?) -> [(key: AppDefinition.JWTKey, place: String)] {
        guard let node else { return [] }
        guard let list = node.sequence else {
            report("jwt.keys", "must be a list")
            return []
        }
        return list.enumerated().compactMap { index, entry in
            let place = "jwt.keys[\(index)]"
            return jwtKey(entry, at: place).map { ($0, place) }
        }
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
        guard let text = secret(fields, name, at: place + "."), !text.isEmpty else {
            report("\(place).\(name)", "is missing")
            return nil
        }
        guard let key = AppDefinition.JWTKey(kid: fields["kid"]?.string, algorithm: algorithm, text: text) else {
            report("\(place).\(name)", "is no PEM public key for \(algorithm.rawValue)")
            return nil
        }
        return key
    }

    // MARK: - In a JWKS file

    private mutating func jwksFile(_ node: Node?) -> String? {
        guard let node else { return nil }
        guard let file = node.scalar?.string, !file.isEmpty else {
            report("jwt.jwksFile", "must name a file")
            return nil
        }
        return resolve(file)
    }

    private mutating func setKeys(_ file: String) -> [(key: AppDefinition.JWTKey, place: String)] {
        guard let data = FileManager.default.contents(atPath: file) else {
            report("jwt.jwksFile", "\(file) cannot be read")
            return []
        }
        guard data.count <= Self.jwksBytesMax else {
            report("jwt.jwksFile", "\(file) is longer than \(Self.jwksBytesMax) bytes")
            return []
        }
        do {
            return try JSONWebKeySet.read(Array(data))
        } catch {
            problems += error.problems.map { ConfigurationProblem(source: file, key: $0.place, reason: $0.reason) }
            return []
        }
    }

    // MARK: - Together

    private mutating func checkTogether(_ keys: [(key: AppDefinition.JWTKey, source: String, place: String)]) {
        if keys.count > Self.jwtKeysMax { report("jwt", "has \(keys.count) keys, and may have \(Self.jwtKeysMax)") }
        var seen: Set<String> = []
        for (key, source, place) in keys {
            guard let kid = key.kid else { continue }
            if kid == CredentialVerifier.ownKeyID {
                fault(source, "\(place).kid", "\"\(kid)\" names the gateway's own key")
            } else if !seen.insert(kid).inserted {
                fault(source, "\(place).kid", "\"\(kid)\" names another key already")
            }
        }
    }

    private mutating func fault(_ source: String, _ key: String, _ reason: String) {
        problems.append(ConfigurationProblem(source: source, key: key, reason: reason))
    }
}
