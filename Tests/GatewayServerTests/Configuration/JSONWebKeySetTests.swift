import JWTKit
import TLSEngine
import Testing

@testable import GatewayServer

@Suite struct JSONWebKeySetTests {
    private static let x32 = Base64URL.encode([UInt8](repeating: 7, count: 32))
    /// RFC 8037 §A.2.
    private static let ed25519 =
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    /// RFC 7517 §A.1.
    private static let p256 = """
        {"kty":"EC","crv":"P-256","use":"sig","kid":"ec","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
        """
    private static let rsaModulus = [
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB",
        "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8",
        "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_",
        "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    ].joined()
    private static let rsa = #"{"kty":"RSA","alg":"RS256","kid":"rsa","e":"AQAB","n":"\#(rsaModulus)"}"#
    private static let oct =
        #"{"kty":"oct","alg":"HS256","kid":"s","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#

    private func read(_ keys: String...) throws -> [AppDefinition.JWTKey] {
        try JSONWebKeySet.read(Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8)).map(\.key)
    }

    private func problems(_ text: String) -> [String] {
        do {
            let keys = try JSONWebKeySet.read(Array(text.utf8))
            return ["read \(keys.count)"]
        } catch { return error.problems.map { $0.place.isEmpty ? $0.reason : "\($0.place): \($0.reason)" } }
    }

    private func problems(ofKey key: String) -> [String] { problems("{\"keys\":[\(key)]}") }

    @Test func eachServedKindIsRead() throws {
        let keys = try read(Self.rsa, Self.p256, Self.ed25519, Self.oct)
        #expect(keys.map(\.algorithm) == [.rs256, .es256, .eddsa, .hs256])
        #expect(keys.map(\.kid) == ["rsa", "ec", nil, "s"])
    }

    @Test(arguments: [
        #"{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}"#,
        #"{"kty":"EC","crv":"P-384","x":"a","y":"b"}"#,
        #"{"kty":"OKP","crv":"X25519","x":"a"}"#,
        #"{"kty":"RSA","alg":"RS512","n":"a","e":"AQAB"}"#,
        #"{"kty":"RSA","alg":"RSA-OAEP","n":"a","e":"AQAB"}"#,
        #"{"kty":"RSA","use":"enc","n":"!"}"#,
        #"{"kty":"RSA","key_ops":["encrypt"],"n":"!"}"#,
        #"{"kty":"AKP","alg":"ML-DSA-44"}"#,
    ]) func keysForOtherThingsArePassedOver(_ other: String) throws {
        #expect(try read(other, Self.ed25519).count == 1)
        #expect(problems(ofKey: other) == ["keys: holds no key for RS256, ES256, EdDSA or HS256"])
    }

    @Test func anEdwardsKeyMaySayItsNewName() throws {
        let named = #"{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        #expect(try read(named).map(\.algorithm) == [.eddsa])
    }

    @Test(arguments: [
        (#"{}"#, "keys[0].kty: is missing"),
        (#"7"#, "keys[0]: must be an object"),
        (#"{"kty":7}"#, "keys[0].kty: must be a string"),
        (#"{"kty":"RSA","key_ops":"verify"}"#, "keys[0].key_ops: must be a list of strings"),
        (#"{"kty":"RSA","e":"AQAB"}"#, "keys[0].n: is missing"),
        (#"{"kty":"RSA","e":"AQAB","n":"=="}"#, "keys[0].n: is not base64url without padding"),
        (#"{"kty":"RSA","e":"AQAB","n":"AQAB"}"#, "keys[0].n: must have at least 2048 bits"),
        (
            #"{"kty":"RSA","alg":"ES256","e":"AQAB","n":"AQAB"}"#,
            "keys[0].alg: \"ES256\" is not for this key, which would do for RS256"
        ),
        (
            #"{"kty":"RSA","alg":"none","e":"AQAB","n":"AQAB"}"#,
            "keys[0].alg: \"none\" is not for this key, which would do for RS256"
        ),
        (#"{"kty":"EC","x":"a","y":"b"}"#, "keys[0].crv: is missing"),
        (#"{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#, "keys[0].x: must hold 32 bytes, not 3"),
        (
            #"{"kty":"EC","crv":"P-256","x":"\#(x32)","y":"\#(x32)"}"#,
            "keys[0].x: is, with y, no point of the curve P-256"
        ),
        (#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#, "keys[0].x: must hold 32 bytes, not 3"),
        (#"{"kty":"oct","k":"AyM1"}"#, "keys[0].alg: is missing; a secret must say HS256"),
        (
            #"{"kty":"oct","alg":"RS256","k":"AyM1"}"#,
            "keys[0].alg: \"RS256\" is not for this key, which would do for HS256"
        ),
        (#"{"kty":"oct","alg":"HS256","k":""}"#, "keys[0].k: is not base64url without padding"),
    ]) func aMalformedKeyIsNamed(_ key: String, _ problem: String) {
        #expect(problems(ofKey: key) == [problem])
    }

    @Test func everyMalformedKeyIsNamed() {
        let found = problems(#"{"keys":[{"kty":"RSA"},\#(Self.ed25519),{"kty":"oct"}]}"#)
        #expect(found == ["keys[0].n: is missing", "keys[2].alg: is missing; a secret must say HS256"])
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]} x"#, #"{"keys":null}"#])
    func whatIsNoKeySetIsSaidSo(_ text: String) throws {
        let reason = try #require(problems(text).first)
        #expect(reason.hasPrefix("is no JWKS: expected "), "\(reason)")
    }

    @Test func anEmptySetHoldsNoKey() {
        #expect(problems(#"{"keys":[]}"#) == ["keys: holds no key for RS256, ES256, EdDSA or HS256"])
    }
}
