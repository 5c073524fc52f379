internal import JWTKit

extension AppDefinition {
    /// A key with which an app's own backend signs JWTs, read and checked. Immutable.
    public struct JWTKey: Sendable, Equatable {
        public enum Algorithm: String, Sendable, CaseIterable {
            case hs256 = "HS256"
            case rs256 = "RS256"
            case es256 = "ES256"
            case eddsa = "EdDSA"
        }

        enum Material: Sendable, Equatable {
            case secret([UInt8])
            case rsa(Insecure.RSA.PublicKey)
            case ecdsa(ES256PublicKey)
            case eddsa(EdDSA.PublicKey)
        }

        /// RFC 7518 §3.2 asks HS256 secrets to be at least so long. Shorter ones work, and are warned of.
        public static let secretBytesMin = 32

        /// nil: a key for tokens that name none.
        public let kid: String?
        let material: Material

        init(kid: String?, _ material: Material) {
            self.kid = kid
            self.material = material
        }

        /// `text`: the shared secret (HS256), or the public key as PEM; nil when it is no such key. RSA keys of less than
        /// 2,048 bits are none (RFC 7518 §3.3).
        init?(kid: String?, algorithm: Algorithm, text: String) {
            self.kid = kid
            do {
                material =
                    switch algorithm {
                    case .hs256: .secret(Array(text.utf8))
                    case .rs256: .rsa(try Insecure.RSA.PublicKey(pem: text))
                    case .es256: .ecdsa(try ES256PublicKey(pem: text))
                    case .eddsa: .eddsa(try EdDSA.PublicKey(pem: text))
                    }
            } catch { return nil }
        }

        /// The only algorithm that the key is good for.
        public var algorithm: Algorithm {
            switch material {
            case .secret: .hs256
            case .rsa: .rs256
            case .ecdsa: .es256
            case .eddsa: .eddsa
            }
        }

        /// Whether it is a secret so short that it may be guessed.
        public var isWeak: Bool {
            if case .secret(let bytes) = material { bytes.count < Self.secretBytesMin } else { false }
        }
    }
}
