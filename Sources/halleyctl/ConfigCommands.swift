internal import ArgumentParser
internal import Foundation
internal import GatewayServer

struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Reads a configuration and its apps, and lists every problem.")

    @Argument(help: "The configuration file.")
    var file: String

    func run() throws {
        do {
            let loaded = try LoadedConfiguration.load(file: file, environment: [:], flags: [])
            if let missing = loaded.missing {
                FileHandle.standardError.write(Data("\(missing), which halleyd needs to start\n".utf8))
            }
            print("\(file): ok, \(loaded.apps.count) app\(loaded.apps.count == 1 ? "" : "s")")
            for app in loaded.apps {
                for hook in app.webhooks { print("\(app.id): webhook \(hook.name) → \(hook.url): \(hook.eventsText)") }
            }
        } catch {
            throw CommandFailure(message: error.description, exitCode: 78)
        }
    }
}

struct DefaultConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "default-config", abstract: "Prints every key with its default and meaning.")

    func run() {
        print(Configuration.defaultText, terminator: "")
    }
}
