import ChatModel
import GatewayCore
import JWTKit
import Testing

@testable import GatewayServer

/// The claims an app's backend might write; nil fields are left out.
private struct Claims: JWTPayload {
    var sub: String? = "Alice"
    var aud: String?
    var audiences: [String]?
    var exp: Double?
    var nbf: Double?
    var iat: Double?

    enum CodingKeys: String, CodingKey { case sub, aud, exp, nbf, iat }

    init(
        sub: String? = "Alice", aud: String? = "app1", audiences: [String]? = nil, exp: Double? = 1_100,
        nbf: Double? = nil, iat: Double? = nil
    ) {
        (self.sub, self.aud, self.audiences, self.exp) = (sub, aud, audiences, exp)
        (self.nbf, self.iat) = (nbf, iat)
    }

    init(from decoder: any Decoder) throws { fatalError("only written") }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(sub, forKey: .sub)
        if let audiences {
            try container.encode(audiences, forKey: .aud)
        } else {
            try container.encodeIfPresent(aud, forKey: .aud)
        }
        try container.encodeIfPresent(exp, forKey: .exp)
        try container.encodeIfPresent(nbf, forKey: .nbf)
        try container.encodeIfPresent(iat, forKey: .iat)
    }

    func verify(using algorithm: some JWTAlgorithm) {}
}

@Suite struct CredentialVerifierTests {
    private static let now: Int64 = 1_000
    private let alice = UserID(trusted: "alice")

    private func app(_ id: String = "app1", keys: [AppDefinition.JWTKey] = []) async -> AppEntry {
        await AppEntry(AppDefinition(id: id, authKey: "a", apiKeys: ["k"], jwtKeys: keys), number: AppNumber(1))
    }

    private func verifier() async -> CredentialVerifier {
        await CredentialVerifier(secret: [UInt8](repeating: 7, count: 32))
    }

    private func sign(_ claims: Claims, secret: String = "s3cret", kid: String? = nil) async throws -> String {
        let keys = JWTKeyCollection()
        let kid = kid.map { JWKIdentifier(string: $0) }
        // The library insists on 32 bytes; zeros behind a short key are the same key (RFC 2104 §2).
        let bytes = Array(secret.utf8)
        let key = HMACKey(from: bytes + [UInt8](repeating: 0, count: max(0, 32 - bytes.count)))
        await keys.add(hmac: key, digestAlgorithm: .sha256, kid: kid)
        return try await keys.sign(claims, kid: kid)
    }

    private func hmacApp() async -> AppEntry {
        await app(keys: [.init(kid: nil, .secret(Array("s3cret".utf8)))])
    }

    @Test func anOpaqueTokenIsItsHash() async throws {
        let verdict = await verifier().verify("no.jwt", app: await app(), nowSeconds: Self.now)
        guard case .success(.token) = verdict else {
            Issue.record("got \(verdict)")
            return
        }
    }

    @Test func ownJWTNamesItsTokenUntilItExpires() async throws {
        let verifier = await verifier()
        let (app, other) = (await app(), await app("app2"))
        let token = TokenHash([UInt8](repeating: 9, count: 32))
        let jwt = try await verifier.sign(uid: alice, app: app, token: token, issuedAt: Self.now, lifetimeSeconds: 60)
        let fresh = await verifier.verify(jwt, app: app, nowSeconds: Self.now + 59)
        guard case .success(.token(let hash)) = fresh else {
            Issue.record("got \(fresh)")
            return
        }
        #expect(hash == token)
        #expect(failure(await verifier.verify(jwt, app: app, nowSeconds: Self.now + 60)) == .expired)
        #expect(failure(await verifier.verify(jwt, app: other, nowSeconds: Self.now)) == .unacceptable)
        let stranger = await CredentialVerifier(secret: [UInt8](repeating: 8, count: 32))
        #expect(failure(await stranger.verify(jwt, app: app, nowSeconds: Self.now)) == .unacceptable)
        #expect(failure(await verifier.verify(jwt + "x", app: app, nowSeconds: Self.now)) == .unacceptable)
    }

    @Test func appSignedJWTGivesItsUserAndEnd() async throws {
        let jwt = try await sign(Claims(audiences: ["other", "app1"]))
        let verdict = await verifier().verify(jwt, app: await hmacApp(), nowSeconds: Self.now)
        guard case .success(.appSigned(let uid, let expiresAt)) = verdict else {
            Issue.record("got \(verdict)")
            return
        }
        #expect(uid == alice, "compared in lower case")
        #expect(expiresAt == 1_130, "exp and the skew")
    }

    @Test func expiryHasThirtySecondsOfSkew() async throws {
        let (verifier, app) = (await verifier(), await hmacApp())
        let jwt = try await sign(Claims(exp: 1_000))
        #expect(failure(await verifier.verify(jwt, app: app, nowSeconds: 1_029)) == nil)
        #expect(failure(await verifier.verify(jwt, app: app, nowSeconds: 1_030)) == .expired)
    }

    @Test func whatIsMissingOrForeignIsRefused() async throws {
        let (verifier, app) = (await verifier(), await hmacApp())
        for claims in [
            Claims(sub: nil), Claims(sub: "not valid"), Claims(aud: nil), Claims(aud: "app2"), Claims(exp: nil),
            Claims(exp: 1e300), Claims(nbf: 1_031), Claims(iat: 1_031),
        ] {
            let jwt = try await sign(claims)
            #expect(failure(await verifier.verify(jwt, app: app, nowSeconds: Self.now)) == .unacceptable, "\(claims)")
        }
        for claims in [Claims(nbf: 1_030), Claims(iat: 1_030), Claims(iat: 1)] {
            let jwt = try await sign(claims)
            #expect(failure(await verifier.verify(jwt, app: app, nowSeconds: Self.now)) == nil, "\(claims)")
        }
        let forged = try await sign(Claims(), secret: "guess")
        #expect(failure(await verifier.verify(forged, app: app, nowSeconds: Self.now)) == .unacceptable)
    }

    @Test func theAlgorithmMustBeTheKeys() async throws {
        let keys = JWTKeyCollection()
        let key = ES256PrivateKey()
        await keys.add(ecdsa: key)
        let jwt = try await keys.sign(Claims())
        let pem = key.publicKey.pemRepresentation
        let parsed = try #require(AppDefinition.JWTKey(kid: nil, algorithm: .es256, text: pem))
        let (verifier, good) = (await verifier(), await app(keys: [parsed]))
        #expect(failure(await verifier.verify(jwt, app: good, nowSeconds: Self.now)) == nil)
        // The public key, taken for an HMAC secret.
        let confused = try await sign(Claims(), secret: pem)
        #expect(failure(await verifier.verify(confused, app: good, nowSeconds: Self.now)) == .unacceptable)
        #expect(failure(await verifier.verify(jwt, app: await hmacApp(), nowSeconds: Self.now)) == .unacceptable)
    }

    @Test func aKeyIDChoosesItsKey() async throws {
        let app = await app(keys: [
            .init(kid: "old", .secret(Array("one".utf8))), .init(kid: "new", .secret(Array("two".utf8))),
        ])
        let verifier = await verifier()
        let good = try await sign(Claims(), secret: "two", kid: "new")
        #expect(failure(await verifier.verify(good, app: app, nowSeconds: Self.now)) == nil)
        let mixed = try await sign(Claims(), secret: "two", kid: "old")
        #expect(failure(await verifier.verify(mixed, app: app, nowSeconds: Self.now)) == .unacceptable)
    }

    @Test func aKeyThatIsNoPEMIsNone() {
        #expect(AppDefinition.JWTKey(kid: nil, algorithm: .rs256, text: "nonsense") == nil)
    }

    @Test func criticalExtensionsAreNotUnderstood() async throws {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: [UInt8](repeating: 1, count: 32)), digestAlgorithm: .sha256)
        let app = await app(keys: [.init(kid: nil, .secret([UInt8](repeating: 1, count: 32)))])
        let plain = try await keys.sign(Claims())
        #expect(failure(await verifier().verify(plain, app: app, nowSeconds: Self.now)) == nil)
        let critical = try await keys.sign(Claims(), header: ["crit": ["b64"]])
        #expect(failure(await verifier().verify(critical, app: app, nowSeconds: Self.now)) == .unacceptable)
    }

    @Test func keysHaveTheirScope() async throws {
        let app = await app()
        #expect(app.scope(ofKey: "a") == .authOnly)
        #expect(app.scope(ofKey: "k") == .fullAccess)
        #expect(app.scope(ofKey: "x") == nil)
        #expect(app.scope(ofKey: "") == nil)
    }

    private func failure(_ verdict: Result<VerifiedCredential, CredentialFailure>) -> CredentialFailure? {
        if case .failure(let failure) = verdict { failure } else { nil }
    }
}
