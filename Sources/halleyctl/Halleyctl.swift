internal import ArgumentParser
internal import Foundation
internal import GatewayServer
internal import Glibc

/// The operator's and developer's tool, over the backend socket.
@main
struct Halleyctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halleyctl",
        abstract: "Talks to a running halleyd over its backend socket.",
        version: GatewayVersion.text,
        subcommands: [CheckConfig.self, DefaultConfig.self, User.self, Token.self, Group.self, Send.self, Tail.self])

    /// Exit codes of operations.md: 1 runtime failure, 2 bad usage, 78 bad configuration.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            failure.exit()
        } catch {
            let text = fullMessage(for: error)
            guard exitCode(for: error) == .success else { CommandFailure(message: text, exitCode: 2).exit() }
            print(text)
            Glibc.exit(0)
        }
    }
}

/// Why a command ended without doing its work.
struct CommandFailure: Error {
    let message: String
    var exitCode: Int32 = 1
}

extension CommandFailure {
    /// Says why on standard error and ends the process.
    func exit() -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        Glibc.exit(exitCode)
    }
}
