internal import ArgumentParser

/// Which server is under load.
enum TargetKind: String, ExpressibleByArgument, CaseIterable {
    /// The gateway: users, tokens and groups are made over its backend socket.
    case halley
    /// The peer in `peers/uws`: one topic, anything is a credential.
    case uws
}

/// Where the server is, and how it is trusted, administered and watched.
struct TargetOptions: ParsableArguments {
    @Option(help: "The kind of server.")
    var target: TargetKind

    @Option(help: "Its WebSocket address with an IP address or localhost, such as wss://127.0.0.1:8443/.")
    var url: String

    @Option(help: "PEM file of the authority that the server's certificate must lead to.")
    var ca: String?

    @Flag(help: "Trust any certificate.")
    var insecure = false

    @Option(help: "halley: the path of the backend socket.")
    var backendSocket: String?

    @Option(help: "halley: the app.")
    var app: String?

    @Option(help: "halley: a REST API key of the app.")
    var apiKey: String?

    @Option(
        help:
            "The server's process on this machine, to read CPU time and memory of; without it there are no such figures."
    )
    var serverPid: Int32?

    func validate() throws {
        guard let endpoint = Endpoint(url) else {
            throw ValidationError("'\(url)' is no ws:// or wss:// address with an IP address and a port.")
        }
        if endpoint.isTLS, (ca == nil) != insecure { throw ValidationError("Give --ca FILE or --insecure.") }
        if let serverPid, serverPid <= 0 { throw ValidationError("--server-pid is the number of a process.") }
    }

    /// What a scenario that signs in on Halley needs.
    func requireBackend() throws {
        guard target == .halley else { return }
        guard backendSocket != nil, app != nil, apiKey != nil else {
            throw ValidationError("For --target halley give --backend-socket, --app and --api-key.")
        }
    }
}
