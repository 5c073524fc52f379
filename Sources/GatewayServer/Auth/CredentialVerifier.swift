public import ChatModel
public import GatewayCore
internal import JWTKit
internal import TLSEngine

/// Why a credential was not accepted.
public enum CredentialFailure: Error, Sendable, Equatable {
    /// Not one of ours, tampered with, of another app, or without what it needs.
    case unacceptable
    /// A JWT of either kind whose time is over.
    case expired
}

/// Checks what can be checked of a credential without the core: signatures, audience and time. Any thread.
///
/// A JWT of the gateway's own names the auth token it is bound to, so revoking the token ends it too; whether that
/// token is still known is the core's to say.
public struct CredentialVerifier: Sendable {
    /// RFC 7519 §4.1.4 allows a small leeway: app backends' clocks are not ours.
    public static let clockSkewSeconds: Int64 = 30
    static let ownKeyID = "halley"

    private let own: JWTKeyCollection
    private let ownKey: JWKIdentifier = JWKIdentifier(string: CredentialVerifier.ownKeyID)

    /// `secret`: the gateway's own, from the state directory.
    public init(secret: [UInt8]) async {
        own = JWTKeyCollection()
        await own.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256, kid: ownKey)
    }

    /// A JWT for `uid`, bound to `token`. Times are Unix seconds.
    public func sign(
        uid: UserID, app: AppEntry, token: TokenHash, issuedAt: Int64, lifetimeSeconds: Int64
    ) async throws -> String {
        let claims = OwnClaims(
            sub: uid.text, aud: app.id, iat: issuedAt, exp: issuedAt + lifetimeSeconds,
            tok: Base64URL.encode(token.bytes))
        return try await own.sign(claims, kid: ownKey)
    }

    /// The user and what the core still has to check, of an auth token or a JWT of either kind.
    ///
    /// An auth token's user is not known here (nil).
    public func verify(
        _ credential: String, app: AppEntry, nowSeconds: Int64
    ) async -> Result<VerifiedCredential, CredentialFailure> {
        guard let header = JWTShape.header(of: credential) else {
            return .success(.token(TokenHash(Digest.sha256(Array(credential.utf8)))))
        }
        // RFC 7515 §4.1.11: what must be understood, and is not.
        guard !header.hasCritical else { return .failure(.unacceptable) }
        if header.kid == Self.ownKeyID { return await verifyOwn(credential, header, app, nowSeconds) }
        for key in app.keys(for: header) {
            guard let claims = try? await key.collection.verify(credential, as: AppClaims.self) else { continue }
            return Self.accept(claims, app: app, nowSeconds: nowSeconds)
        }
        return .failure(.unacceptable)
    }

    private func verifyOwn(
        _ credential: String, _ header: JWTShape.Header, _ app: AppEntry, _ nowSeconds: Int64
    ) async -> Result<VerifiedCredential, CredentialFailure> {
        guard header.alg == "HS256", let claims = try? await own.verify(credential, as: OwnClaims.self),
            claims.aud == app.id, let bytes = Base64URL.decode(claims.tok), bytes.count == 32
        else { return .failure(.unacceptable) }
        guard claims.exp > nowSeconds else { return .failure(.expired) }
        return .success(.token(TokenHash(bytes)))
    }

    private static func accept(
        _ claims: AppClaims, app: AppEntry, nowSeconds: Int64
    ) -> Result<VerifiedCredential, CredentialFailure> {
        guard let uid = UserID(claims.sub), claims.aud.names.contains(app.id) else { return .failure(.unacceptable) }
        // A double beyond Int64 would trap in the conversion; no real clock gets there.
        guard claims.exp.isFinite, abs(claims.exp) < 1e15 else { return .failure(.unacceptable) }
        let expiresAt = Int64(claims.exp) + clockSkewSeconds
        guard expiresAt > nowSeconds else { return .failure(.expired) }
        // RFC 8725 §3.10, RFC 7519 §4.1.6: a token from the future was not made by a clock like ours.
        let latest = Double(nowSeconds + clockSkewSeconds)
        guard claims.nbf ?? 0 <= latest, claims.iat ?? 0 <= latest else { return .failure(.unacceptable) }
        return .success(.appSigned(uid, expiresAt: expiresAt))
    }
}

/// The claims of a JWT that `PUT me` answers.
private struct OwnClaims: JWTPayload {
    let sub: String
    let aud: String
    let iat: Int64
    let exp: Int64
    /// SHA-256 of the auth token it is bound to, base64url.
    let tok: String

    /// Times are compared by the verifier, against the clock it was given.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// The claims asked of an app backend's JWT (protocol.md §2).
private struct AppClaims: JWTPayload {
    struct Audience: Codable, Sendable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                names = [name]
            } else {
                names = try container.decode([String].self)
            }
        }
    }

    let sub: String
    let aud: Audience
    let exp: Double
    let nbf: Double?
    let iat: Double?

    func verify(using algorithm: some JWTAlgorithm) {}
}
