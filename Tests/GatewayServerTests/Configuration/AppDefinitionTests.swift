import Foundation
import GatewayCore
import Testing

@testable import GatewayServer

@Suite struct AppDefinitionTests {
    private func read(_ files: [String: String]) throws -> [AppDefinition] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            let placed = text.replacingOccurrences(of: "$DIR", with: directory.path)
            try placed.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return try AppDefinitionReader.readDirectory(directory.path)
    }

    private func reasons(_ files: [String: String]) -> [String] {
        do {
            _ = try read(files)
            return []
        } catch let failure as ConfigurationProblems {
            return failure.problems.map { "\($0.key): \($0.reason)" }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func keysMayStandInFiles() throws {
        let apps = try read([
            "a.yaml": "id: app1\nauthKeyFile: $DIR/auth\napiKeys: [k1, k2]\n",
            "auth": "s3cret\n",
            "ignored.txt": "id: [",
        ])
        #expect(apps.count == 1)
        #expect(apps[0].id == "app1")
        #expect(apps[0].authKey == "s3cret")
        #expect(apps[0].apiKeys == ["k1", "k2"])
    }

    @Test func problemsNameTheKey() {
        #expect(reasons(["a.yaml": "id: app1"]) == ["authKey: is missing"])
        #expect(reasons(["a.yaml": "id: app1\nauthKey: x\nnope: 1"]) == ["nope: is not a known key"])
        #expect(
            reasons(["a.yaml": "id: app1\nauthKey: x\njwt: { keys: [{ algorithm: HS512 }] }"])
                == ["jwt.keys[0].algorithm: must be HS256, RS256, ES256 or EdDSA"])
    }

    @Test func twoFilesWithOneIdAreRefused() {
        #expect(
            reasons(["a.yaml": "id: app1\nauthKey: x", "b.yaml": "id: app1\nauthKey: y"])
                == ["id: \"app1\" has a file already"])
    }

    private static let keySet = #"{"keys":[{"kty":"oct","alg":"HS256","kid":"a","k":"AyM1"}]}"#

    @Test func aKeySetStandsBesideTheAppsFile() throws {
        let apps = try read([
            "a.yaml": """
            id: app1
            authKey: x
            jwt: { jwksFile: keys.json, keys: [{ kid: b, algorithm: HS256, secret: s }] }
            """,
            "keys.json": Self.keySet,
        ])
        #expect(apps[0].jwtKeys.map(\.kid) == ["b", "a"])
        #expect(apps[0].jwtKeys.allSatisfy { $0.isWeak })
    }

    @Test(arguments: [
        ("jwksFile: gone.json", "jwt.jwksFile: $DIR/gone.json cannot be read"),
        ("jwksFile: [a]", "jwt.jwksFile: must name a file"),
        ("jwksFile: bad.json", "keys[0].kty: is missing"),
        ("jwksURL: x", "jwt.jwksURL: is not a known key"),
        (
            "keys: [{ kid: k, algorithm: RS256, publicKey: nonsense }]",
            "jwt.keys[0].publicKey: is no PEM public key for RS256"
        ),
        (
            "keys: [{ kid: halley, algorithm: HS256, secret: s }]",
            "jwt.keys[0].kid: \"halley\" names the gateway's own key"
        ),
        (
            "{ jwksFile: keys.json, keys: [{ kid: a, algorithm: HS256, secret: s }] }",
            "keys[0].kid: \"a\" names another key already"
        ),
    ]) func problemsOfKeysNameTheirPlace(_ jwt: String, _ problem: String) {
        let files = [
            "a.yaml": "id: app1\nauthKey: x\njwt: \(jwt.hasPrefix("{") ? jwt : "{ \(jwt) }")\n",
            "keys.json": Self.keySet, "bad.json": #"{"keys":[{}]}"#,
        ]
        let found = reasons(files).map { $0.replacing(#//[^ ]*/gone.json/#, with: "$DIR/gone.json") }
        #expect(found == [problem])
    }

    @Test func anAppMayHaveLimitsOfItsOwn() throws {
        let apps = try read(["a.yaml": "id: app1\nauthKey: x\nlimits: { sendsPerMinute: 5, typingPerSecond: 0 }"])
        #expect(apps[0].limits.sendsPerMinute == 5)
        #expect(apps[0].limits.typingPerSecond == 0)
        #expect(apps[0].limits.framesPerMinute == nil)
    }

    @Test(arguments: [
        ("{ sendPerMinute: 5 }", "limits.sendPerMinute: is not a known key"),
        ("{ frameBytes: 5 }", "limits.frameBytes: is the same for all apps"),
        ("{ sendsPerMinute: -1 }", "limits.sendsPerMinute: must be a whole number from 0 to 1099511627776"),
        ("{ sendsPerMinute: many }", "limits.sendsPerMinute: must be a whole number from 0 to 1099511627776"),
        ("7", "limits: must be a mapping"),
    ]) func aLimitThatIsNoneIsAProblem(_ limits: String, _ problem: String) {
        #expect(reasons(["a.yaml": "id: app1\nauthKey: x\nlimits: \(limits)"]) == [problem])
    }

    @Test func missingDirectoryIsAProblem() {
        #expect(throws: ConfigurationProblems.self) { try AppDefinitionReader.readDirectory("/nonexistent/apps.d") }
    }
}
