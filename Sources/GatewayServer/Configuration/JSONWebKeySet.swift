internal import JSONCodec
internal import JWTKit
internal import TLSEngine

/// A JWKS file (RFC 7517 §5): the keys in it that can check a signature, of the four kinds that are served.
///
/// RFC 7517 §5 asks to pass over keys of kinds, curves and algorithms that one does not serve, as an identity provider
/// may keep others in the same set. What is of a served kind but malformed is a problem, so that a slip of the pen is
/// found at start and not by the first user who cannot sign in.
enum JSONWebKeySet {
    struct Problem: Equatable {
        /// `keys[3].n`, or empty for the file as a whole.
        let place: String
        let reason: String
    }

    struct Problems: Error {
        let problems: [Problem]
    }

    typealias Key = (key: AppDefinition.JWTKey, place: String)

    static func read(_ bytes: [UInt8]) throws(Problems) -> [Key] {
        let members: [Members]
        do throws(JSONError) {
            members = try JSONReader.read(bytes) { (reader: inout JSONReader) throws(JSONError) in
                try keyMembers(&reader)
            }
        } catch {
            throw Problems(problems: [Problem(place: "", reason: "is no JWKS: \(error)")])
        }
        var keys: [Key] = []
        var problems: [Problem] = []
        for (index, member) in members.enumerated() {
            let place = "keys[\(index)]"
            do throws(Flaw) {
                if let key = try key(member) { keys.append((key, place)) }
            } catch {
                let member = error.member.map { ".\($0)" } ?? ""
                problems.append(Problem(place: place + member, reason: error.reason))
            }
        }
        if problems.isEmpty, keys.isEmpty {
            problems.append(Problem(place: "keys", reason: "holds no key for RS256, ES256, EdDSA or HS256"))
        }
        guard problems.isEmpty else { throw Problems(problems: problems) }
        return keys
    }

    // MARK: - Reading

    /// The members of one key that matter here; everything else is ignored.
    private struct Members {
        var texts: [String: String] = [:]
        /// Known members that are no strings.
        var misfits: [String] = []
        var operations: [String]?
        var isObject = true
    }

    private static let known = ["kty", "kid", "alg", "use", "crv", "n", "e", "x", "y", "k"]

    private static func keyMembers(_ reader: inout JSONReader) throws(JSONError) -> [Members] {
        var keys: [Members]?
        try reader.enterObject()
        while let name = try reader.nextKey() {
            guard reader.matches(name, "keys") else {
                _ = try reader.skip()
                continue
            }
            var found: [Members] = []
            try reader.enterArray()
            while try reader.nextElement() { found.append(try oneKey(&reader)) }
            keys = found
        }
        try reader.finish()
        guard let keys else { throw JSONError(offset: 0, expected: .array) }
        return keys
    }

    private static func oneKey(_ reader: inout JSONReader) throws(JSONError) -> Members {
        var members = Members()
        guard try reader.kind() == .object else {
            _ = try reader.skip()
            members.isObject = false
            return members
        }
        try reader.enterObject()
        while let text = try reader.nextKey() {
            let name = reader.decode(text)
            if name == "key_ops", try reader.kind() == .array {
                members.operations = try strings(&reader)
            } else if known.contains(name), try reader.kind() == .string {
                members.texts[name] = try reader.string()
            } else {
                if known.contains(name) || name == "key_ops" { members.misfits.append(name) }
                _ = try reader.skip()
            }
        }
        return members
    }

    private static func strings(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var found: [String] = []
        try reader.enterArray()
        while try reader.nextElement() { found.append(try reader.string()) }
        return found
    }

    // MARK: - Judging

    private struct Flaw: Error {
        let member: String?
        let reason: String

        init(_ member: String?, _ reason: String) {
            self.member = member
            self.reason = reason
        }
    }

    /// nil: a key for something else.
    private static func key(_ members: Members) throws(Flaw) -> AppDefinition.JWTKey? {
        guard members.isObject else { throw Flaw(nil, "must be an object") }
        if let name = members.misfits.first {
            throw Flaw(name, name == "key_ops" ? "must be a list of strings" : "must be a string")
        }
        guard let kind = members.texts["kty"] else { throw Flaw("kty", "is missing") }
        if let use = members.texts["use"], use != "sig" { return nil }
        if let operations = members.operations, !operations.contains("verify") { return nil }
        let kid = members.texts["kid"]
        switch kind {
        case "RSA":
            guard try serves(members, "RS256") else { return nil }
            return .init(kid: kid, .rsa(try rsa(members)))
        case "EC":
            guard try curve(members) == "P-256", try serves(members, "ES256") else { return nil }
            return .init(kid: kid, .ecdsa(try ecdsa(members)))
        case "OKP":
            guard try curve(members) == "Ed25519", try serves(members, "EdDSA") else { return nil }
            return .init(kid: kid, .eddsa(try eddsa(members)))
        case "oct":
            // Without it nobody could tell what the secret is for.
            guard members.texts["alg"] != nil else { throw Flaw("alg", "is missing; a secret must say HS256") }
            guard try serves(members, "HS256") else { return nil }
            return .init(kid: kid, .secret(try bytes(members, "k")))
        default: return nil
        }
    }

    /// Signature algorithms that a key of the same kind as the served one's may be for, and that are not served.
    private static let kindred: [String: Set<String>] = [
        "RS256": ["RS384", "RS512", "PS256", "PS384", "PS512"], "ES256": [], "EdDSA": [],
        "HS256": ["HS384", "HS512"],
    ]
    private static let signatures: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519",
        "Ed448", "HS256", "HS384", "HS512", "none",
    ]

    /// Whether the key is for `served`, the one algorithm of its kind that is served: it says so, or says nothing.
    ///
    /// - Throws: for an algorithm that no such key can be for: one of the two is wrong.
    private static func serves(_ members: Members, _ served: String) throws(Flaw) -> Bool {
        guard let alg = members.texts["alg"], alg != served else { return true }
        // RFC 9864 §2.2: EdDSA with this curve, by a name of its own.
        if served == "EdDSA", alg == "Ed25519" { return true }
        if signatures.contains(alg), kindred[served]?.contains(alg) != true {
            throw Flaw("alg", "\"\(alg)\" is not for this key, which would do for \(served)")
        }
        return false
    }

    private static func curve(_ members: Members) throws(Flaw) -> String {
        guard let curve = members.texts["crv"] else { throw Flaw("crv", "is missing") }
        return curve
    }

    private static func bytes(_ members: Members, _ name: String, count: Int? = nil) throws(Flaw) -> [UInt8] {
        guard let text = members.texts[name] else { throw Flaw(name, "is missing") }
        guard let bytes = Base64URL.decode(text), !bytes.isEmpty else {
            throw Flaw(name, "is not base64url without padding")
        }
        if let count, bytes.count != count { throw Flaw(name, "must hold \(count) bytes, not \(bytes.count)") }
        return bytes
    }

    private static func rsa(_ members: Members) throws(Flaw) -> Insecure.RSA.PublicKey {
        let (modulus, exponent) = (try bytes(members, "n"), try bytes(members, "e"))
        let bits = modulus.drop { $0 == 0 }
        // RFC 7518 §3.3: 2,048 bits or more.
        guard let first = bits.first, bits.count * 8 - first.leadingZeroBitCount >= 2_048 else {
            throw Flaw("n", "must have at least 2048 bits")
        }
        do {
            return try Insecure.RSA.PublicKey(
                modulus: Base64URL.encode(modulus), exponent: Base64URL.encode(exponent))
        } catch { throw Flaw("n", "is, with e, no RSA public key") }
    }

    private static func ecdsa(_ members: Members) throws(Flaw) -> ES256PublicKey {
        let (x, y) = (try bytes(members, "x", count: 32), try bytes(members, "y", count: 32))
        do {
            return try ES256PublicKey(parameters: (x: Base64URL.encode(x), y: Base64URL.encode(y)))
        } catch { throw Flaw("x", "is, with y, no point of the curve P-256") }
    }

    private static func eddsa(_ members: Members) throws(Flaw) -> EdDSA.PublicKey {
        let x = try bytes(members, "x", count: 32)
        do { return try EdDSA.PublicKey(x: Base64URL.encode(x), curve: .ed25519) } catch {
            throw Flaw("x", "is no Ed25519 public key")
        }
    }
}
