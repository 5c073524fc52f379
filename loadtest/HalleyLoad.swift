internal import ArgumentParser
internal import Glibc

/// `halley-load`: plays thousands of clients against a gateway and measures what they cost it.
///
/// One thread does everything, on the gateway's own reactor, TLS engine and codecs in their client role:
///
///     Scenario ──► Crowd (one Client per connection) ─TLS─► server ◄─/proc─ ServerProbe
///        │  └────► Publisher (Unix socket or WebSocket) ───►   │
///        └───────► DeliveryLedger ◄── every message of every client
///
/// A scenario is straight code that turns the loop itself until something has come true. Connected clients leave the
/// poller and are swept: a generator that is woken by each frame makes the server pay for the waking.
///
/// Exit codes: 0 all went as asked; 1 something failed, was lost, or came twice; 2 bad usage.
@main
struct HalleyLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halley-load",
        abstract: "Puts a measured load on a realtime server.",
        subcommands: [ConnectCommand.self, IdleCommand.self, FanoutCommand.self, StoreCommand.self])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as LoadFailure {
            say("halley-load: \(failure.message)\n")
            Glibc.exit(1)
        } catch {
            if exitCode(for: error) == .success {
                print(fullMessage(for: error))
                Glibc.exit(0)
            }
            say(fullMessage(for: error) + "\n")
            Glibc.exit(2)
        }
    }

    private static func say(_ text: String) {
        Progress.write(text)
    }
}
