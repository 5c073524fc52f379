import ArgumentParser
import Glibc
import Reactor
import TLSEngine

/// `halley-echo`: a WebSocket echo on the gateway's own loop, TLS and codecs, for conformance suites and measurements.
///
/// One loop thread serves everything (`EchoServer`); the main thread waits for the signal that ends it.
@main
struct EchoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halley-echo", abstract: "Echoes WebSocket messages: text to text, binary to binary.")

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one. The port is printed as the first line.")
    var port: UInt16

    @Option(help: "PEM file with the certificate and its chain.")
    var certificate: String?

    @Option(help: "PEM file with the private key.")
    var privateKey: String?

    @Flag(help: "No TLS.")
    var plain = false

    func validate() throws {
        guard plain == (certificate == nil), plain == (privateKey == nil) else {
            throw ValidationError("Give --certificate and --private-key, or --plain.")
        }
    }

    func run() throws {
        let text = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        guard let address = SocketAddress(text) else { throw ValidationError("'\(host)' is no IP address.") }
        let signals = [Signals.terminate, Signals.interrupt]
        Signals.block(signals)
        var context: TLSContext?
        if let certificate, let privateKey {
            context = try TLSContext.server(
                certificateChainFile: certificate, privateKeyFile: privateKey, ticketKeys: TLSTicketKeys())
        }
        let socket = try ListeningSocket.tcp(address, shards: 1)[0]
        let mailbox = try Mailbox<EchoServer.Message>()
        let thread = try SystemThread(name: "echo") { [context] in
            do throws(SystemError) {
                let loop = try EventLoop<EchoServer>(mailbox: mailbox)
                loop.run(try EchoServer(loop: loop, socket: socket, context: context))
            } catch {
                fatalError("\(error)")
            }
        }
        print(socket.address.port)
        // Whoever started us waits for the line in a pipe; nil flushes every stream.
        fflush(nil)
        while Signals.wait(for: signals) == nil {}
        mailbox.post(.stop)
        thread.join()
    }
}
