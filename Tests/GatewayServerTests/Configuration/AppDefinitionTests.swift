import Foundation
import GatewayServer
import Testing

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

    @Test func missingDirectoryIsAProblem() {
        #expect(throws: ConfigurationProblems.self) { try AppDefinitionReader.readDirectory("/nonexistent/apps.d") }
    }
}
