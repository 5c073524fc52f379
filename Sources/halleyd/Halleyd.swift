internal import ArgumentParser
internal import Foundation
internal import GatewayServer
internal import Glibc
internal import Reactor

/// The daemon. Exit codes (operations.md): 0 clean stop, 1 runtime failure, 2 bad usage, 78 bad configuration.
@main
struct Halleyd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halleyd",
        abstract: "A realtime chat gateway.",
        discussion: "Any --section.key value overrides the configuration; halleyctl default-config prints them all.",
        version: GatewayVersion.text)

    @Option(help: "The configuration file.")
    var config: String?

    @Flag(help: "Run for development: everything needed is made under the data directory, on loopback only.")
    var dev = false

    @Option(help: "With --dev: where its files are kept.")
    var dataDir = ".halley"

    @Option(help: "With --dev: the public port; 0 = a free one.")
    var port: UInt16 = DevelopmentSetup.defaultPort

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Overrides.", visibility: .hidden))
    var overrides: [String] = []

    func validate() throws {
        if dev == (config != nil) { throw ValidationError("say either --dev or --config FILE") }
    }

    static func main() {
        // Before any thread exists, so that none is ever interrupted by them.
        Signals.block(Gateway.signals)
        do {
            try parse().run()
        } catch let failure as StartFailure {
            fail(failure.description, code: 1)
        } catch let problems as ConfigurationProblems {
            fail(problems.description, code: 78)
        } catch {
            if exitCode(for: error) == .success {
                print(fullMessage(for: error))
                Glibc.exit(0)
            }
            fail(fullMessage(for: error), code: 2)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("halleyd: \(message)\n".utf8))
        Glibc.exit(code)
    }

    func run() throws {
        let source = ConfigurationSource(
            file: config, development: dev ? .init(directory: dataDir, port: port) : nil,
            environment: ProcessInfo.processInfo.environment, flags: try Self.flags(overrides))
        let gateway = try Gateway.start(source)
        if dev {
            print(gateway.developmentGreeting)
            // A pipe is block buffered, and whoever started us waits for the port. (nil: every stream.)
            fflush(nil)
        }
        gateway.runUntilStopped()
    }

    /// `--section.key value` or `--section.key=value`, in order.
    private static func flags(_ words: [String]) throws -> [(key: String, value: String)] {
        var flags: [(key: String, value: String)] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--"), word.contains(".") else {
                throw ValidationError("unknown option or argument \"\(word)\"")
            }
            let name = word.dropFirst(2)
            if let equals = name.firstIndex(of: "=") {
                flags.append((String(name[..<equals]), String(name[name.index(after: equals)...])))
            } else if let value = rest.popFirst() {
                flags.append((String(name), value))
            } else {
                throw ValidationError("\"\(word)\" needs a value")
            }
        }
        return flags
    }
}
