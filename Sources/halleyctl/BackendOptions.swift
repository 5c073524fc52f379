internal import ArgumentParser
internal import Foundation
internal import GatewayServer

/// Where the gateway is and as which app to speak to it.
struct BackendOptions: ParsableArguments {
    @Option(help: "The backend socket. Default: .halley/run/backend.sock here, else /run/halley/backend.sock.")
    var socket: String?

    @Option(help: "The app's id. Default: dev with the development socket, else the only app there is.")
    var app: String?

    @Option(help: "A REST API key. Default: $HALLEYCTL_API_KEY, else the app's own file where it can be read.")
    var apiKey: String?

    private static let developmentSocket = ".halley/run/backend.sock"
    private static let systemSocket = "/run/halley/backend.sock"

    func client() throws -> BackendClient {
        let path =
            socket
            ?? (FileManager.default.fileExists(atPath: Self.developmentSocket)
                ? Self.developmentSocket : Self.systemSocket)
        let known = apps(besideSocket: path)
        guard let id = app ?? (known.count == 1 ? known[0].id : nil) else {
            throw CommandFailure(message: "say which app: --app ID", exitCode: 2)
        }
        let key =
            apiKey ?? ProcessInfo.processInfo.environment["HALLEYCTL_API_KEY"]
            ?? known.first { $0.id == id }?.apiKeys.first
        return try BackendClient(socket: path, app: id, apiKey: key)
    }

    /// The app files of the gateway behind that socket, as far as this user may read them. Without a key the gateway may
    /// still know the caller by its Unix user.
    private func apps(besideSocket path: String) -> [AppDefinition] {
        let directory =
            path.hasSuffix("/run/backend.sock") && !path.hasPrefix("/run/")
            ? path.dropLast("run/backend.sock".count) + "apps.d" : "/etc/halley/apps.d"
        return (try? AppDefinitionReader.readDirectory(String(directory))) ?? []
    }
}
