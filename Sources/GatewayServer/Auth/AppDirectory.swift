public import ChatModel
internal import JWTKit
internal import Synchronization
internal import TLSEngine

/// One app with its keys made ready. Immutable; a reload makes new ones. Any thread.
public final class AppEntry: Sendable {
    struct SigningKey: Sendable {
        let kid: String?
        let algorithm: String
        let collection: JWTKeyCollection
    }

    public enum KeyScope: Sendable {
        case authOnly, fullAccess
    }

    public let id: String
    public let number: AppNumber
    let jwtKeys: [SigningKey]
    private let authKey: [UInt8]
    private let apiKeys: [[UInt8]]

    /// Throws a `ConfigurationProblem` for a key that cannot be read.
    init(_ definition: AppDefinition, number: AppNumber) async throws(ConfigurationProblem) {
        id = definition.id
        self.number = number
        authKey = Array(definition.authKey.utf8)
        apiKeys = definition.apiKeys.map { Array($0.utf8) }
        var keys: [SigningKey] = []
        for (index, key) in definition.jwtKeys.enumerated() {
            let collection = JWTKeyCollection()
            do {
                switch key.algorithm {
                case .hs256:
                    await collection.add(hmac: HMACKey(from: Self.hmacKey(key.material)), digestAlgorithm: .sha256)
                case .rs256:
                    await collection.add(rsa: try Insecure.RSA.PublicKey(pem: key.material), digestAlgorithm: .sha256)
                case .es256: await collection.add(ecdsa: try ES256PublicKey(pem: key.material))
                case .eddsa: await collection.add(eddsa: try EdDSA.PublicKey(pem: key.material))
                }
            } catch {
                throw ConfigurationProblem(
                    source: "app \(definition.id)", key: "jwt.keys[\(index)].publicKey",
                    reason: "is no PEM public key for \(key.algorithm.rawValue)")
            }
            keys.append(SigningKey(kid: key.kid, algorithm: key.algorithm.rawValue, collection: collection))
        }
        jwtKeys = keys
    }

    /// A secret as HMAC takes it. RFC 2104 §2: a key shorter than a block is filled up with zeros, so a short secret and
    /// its filled form are the same key; the library insists on 32 bytes.
    private static func hmacKey(_ secret: String) -> [UInt8] {
        let bytes = Array(secret.utf8)
        return bytes + [UInt8](repeating: 0, count: max(0, AppDefinition.JWTKey.secretBytesMin - bytes.count))
    }

    /// What a key may do, or nil for an unknown one. Compares in constant time, and every key.
    public func scope(ofKey key: String) -> KeyScope? {
        let bytes = Array(key.utf8)
        var found: KeyScope?
        if ConstantTime.equal(bytes, authKey) { found = .authOnly }
        for apiKey in apiKeys where ConstantTime.equal(bytes, apiKey) { found = .fullAccess }
        return found
    }
}

/// The apps of this gateway, replaced as a whole by a reload. Any thread.
public final class AppDirectory: Sendable {
    private struct Snapshot: Sendable {
        var byID: [String: AppEntry] = [:]
        var byNumber: [AppNumber: AppEntry] = [:]
    }

    private let snapshot = Mutex(Snapshot())

    public init() {}

    public func replace(by entries: [AppEntry]) {
        var next = Snapshot()
        for entry in entries {
            next.byID[entry.id] = entry
            next.byNumber[entry.number] = entry
        }
        snapshot.withLock { $0 = next }
    }

    public func app(id: String) -> AppEntry? {
        snapshot.withLock { $0.byID[id] }
    }

    public func app(_ number: AppNumber) -> AppEntry? {
        snapshot.withLock { $0.byNumber[number] }
    }

    public var all: [AppEntry] {
        snapshot.withLock { $0.byID.values.sorted { $0.number.raw < $1.number.raw } }
    }
}
