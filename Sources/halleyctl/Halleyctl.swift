internal import ArgumentParser
internal import Glibc

/// The operator's and developer's tool, over the backend socket.
@main
struct Halleyctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halleyctl",
        abstract: "Talks to a running halleyd over its backend socket.",
        subcommands: [CheckConfig.self, DefaultConfig.self, User.self, Token.self, Group.self, Send.self, Tail.self])

    /// Exit codes of operations.md: 1 runtime failure, 2 bad usage, 78 bad configuration.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            print(failure.message, to: &standardError)
            Glibc.exit(failure.exitCode)
        } catch {
            let text = fullMessage(for: error)
            let succeeded = exitCode(for: error) == .success
            if succeeded { print(text) } else { print(text, to: &standardError) }
            Glibc.exit(succeeded ? 0 : 2)
        }
    }
}

/// Why a command ended without doing its work.
struct CommandFailure: Error {
    let message: String
    var exitCode: Int32 = 1
}

/// Standard error as a stream for `print`.
struct StandardError: TextOutputStream {
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // SAFETY: the buffer is valid for the call. Nothing sensible is left to do when it fails.
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

nonisolated(unsafe) var standardError = StandardError()
