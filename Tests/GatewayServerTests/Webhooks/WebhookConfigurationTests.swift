import EventLog
import Foundation
import Testing

@testable import GatewayServer

@Suite struct WebhookConfigurationTests {
    private func read(_ webhooks: String, with files: [String: String] = [:]) throws -> [WebhookDefinition] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let app = ["a.yaml": "id: app1\nauthKey: x\nwebhooks: \(webhooks)\n"]
        for (name, text) in files.merging(app, uniquingKeysWith: { $1 }) {
            try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return try AppDefinitionReader.readDirectory(directory.path)[0].webhooks
    }

    private func reasons(_ webhooks: String) -> [String] {
        do {
            _ = try read(webhooks)
            return []
        } catch let failure as ConfigurationProblems {
            return failure.problems.map(\.key)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func aHookIsReadWhole() throws {
        let hooks = try read(
            "[{ name: push, url: 'https://example.org/a?b=c', events: [message, offline], secretFile: key, caFile: ca }]",
            with: ["key": "s3cret\n", "ca": "x"])
        let hook = try #require(hooks.first)
        #expect((hook.name, hook.url, hook.isPlain) == ("push", "https://example.org/a?b=c", false))
        #expect(hook.events == [.message, .offline])
        #expect(hook.eventsText == "message, offline")
        #expect(hook.secret == "s3cret")
        #expect(hook.caFile?.hasSuffix("/ca") == true)
        #expect(hook.wants(.offline) && !hook.wants(.online))
    }

    @Test func aNameIsMadeOfTheURLWithoutShowingIt() throws {
        let text = "[{ url: 'https://example.org/token', events: all, secret: s }]"
        let (hook, again) = (try read(text)[0], try read(text)[0])
        #expect(hook.name == again.name)
        #expect(hook.name.hasPrefix("url-") && !hook.name.contains("token"))
        #expect(hook.events == nil)
        #expect(FeedEventName.allCases.allSatisfy(hook.wants))
    }

    @Test(arguments: [
        ("{}", "webhooks"), ("[1]", "webhooks[0]"), ("[{ url: 'https://h/', events: all }]", "webhooks[0].secret"),
        ("[{ events: all, secret: s }]", "webhooks[0].url"),
        ("[{ url: 'https://h/', secret: s }]", "webhooks[0].events"),
        ("[{ url: 'https://h/', secret: s, events: some }]", "webhooks[0].events"),
        ("[{ url: 'https://h/', secret: s, events: [message, nope] }]", "webhooks[0].events"),
        ("[{ url: 'file:///etc/passwd', secret: s, events: all }]", "webhooks[0].url"),
        ("[{ url: 'https://', secret: s, events: all }]", "webhooks[0].url"),
        ("[{ url: 'https://a b/', secret: s, events: all }]", "webhooks[0].url"),
        ("[{ url: 'https://u:p@h/', secret: s, events: all }]", "webhooks[0].url"),
        ("[{ url: 'https://h/#x', secret: s, events: all }]", "webhooks[0].url"),
        ("[{ url: 'https://h/', secret: s, events: all, name: 'a/b' }]", "webhooks[0].name"),
        ("[{ url: 'https://h/', secret: s, events: all, speed: 1 }]", "webhooks[0].speed"),
        ("[{ url: 'https://h/', secret: s, events: all, caFile: nowhere }]", "webhooks[0].caFile"),
    ]) func aMistakeIsNamed(_ text: String, _ place: String) {
        #expect(reasons(text).first == place)
    }

    @Test func twoHooksOfOneNameAreRefused() {
        let hook = "{ url: 'https://h/', secret: s, events: all }"
        #expect(reasons("[\(hook), \(hook)]") == ["webhooks[1].name"])
    }

    @Test func thereIsABoundOnHooks() {
        let hooks = (0...AppDefinitionReader.webhooksMax).map {
            "{ name: h\($0), url: 'https://h/', secret: s, events: all }"
        }
        #expect(reasons("[\(hooks.joined(separator: ", "))]") == ["webhooks"])
        #expect(reasons("[\(hooks.dropLast().joined(separator: ", "))]") == [])
    }
}
