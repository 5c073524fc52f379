public import ChatModel
internal import GatewayCore
internal import JWTKit
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
    let limits: AppLimits
    let webhooks: [WebhookDefinition]
    private let jwtKeys: [SigningKey]
    private let authKey: [UInt8]
    private let apiKeys: [[UInt8]]

    init(_ definition: AppDefinition, number: AppNumber) async {
        id = definition.id
        self.number = number
        limits = definition.limits
        webhooks = definition.webhooks
        authKey = Array(definition.authKey.utf8)
        apiKeys = definition.apiKeys.map { Array($0.utf8) }
        var keys: [SigningKey] = []
        for key in definition.jwtKeys {
            let collection = JWTKeyCollection()
            switch key.material {
            case .secret(let bytes):
                await collection.add(hmac: HMACKey(from: Self.filled(bytes)), digestAlgorithm: .sha256)
            case .rsa(let key): await collection.add(rsa: key, digestAlgorithm: .sha256)
            case .ecdsa(let key): await collection.add(ecdsa: key)
            case .eddsa(let key): await collection.add(eddsa: key)
            }
            keys.append(SigningKey(kid: key.kid, algorithm: key.algorithm.rawValue, collection: collection))
        }
        jwtKeys = keys
    }

    /// A secret as HMAC takes it. RFC 2104 §2: a key shorter than a block is filled up with zeros, so a short secret and
    /// its filled form are the same key; the library insists on 32 bytes.
    private static func filled(_ secret: [UInt8]) -> [UInt8] {
        secret + [UInt8](repeating: 0, count: max(0, AppDefinition.JWTKey.secretBytesMin - secret.count))
    }

    /// The keys that a token with this header may be signed with: the one it names, else all of its algorithm. A key is
    /// good for its own algorithm only, whatever the token says (RFC 8725 §3.1).
    func keys(for header: JWTShape.Header) -> [SigningKey] {
        jwtKeys.filter { $0.algorithm == header.alg && (header.kid == nil || header.kid == $0.kid) }
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
