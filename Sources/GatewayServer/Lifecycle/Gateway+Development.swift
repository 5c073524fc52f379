internal import Foundation

extension Gateway {
    /// What a newcomer needs first: the URLs, the socket, and a request to try.
    public var developmentGreeting: String {
        let port = listeners.publicPort
        let socket = listeners.backendPath ?? configuration.backend.socket
        let state = configuration.server.stateDirectory
        return """

            Halley \(GatewayVersion.text) is up, for development, on loopback only.

              Playground   https://localhost:\(port)/playground/
              WebSocket    wss://localhost:\(port)/ws
              REST         https://localhost:\(port)/v3.0/
              Backend      \(socket)
              Trust        \(state)/tls/ca.pem

            App \(DevelopmentSetup.appID), auth key \(DevelopmentSetup.authKey), REST API key \(DevelopmentSetup.apiKey); \
            users alice, bob, carol; group lobby. Try:

              curl --unix-socket \(socket) http://halley/messages \\
                -H 'appid: \(DevelopmentSetup.appID)' -H 'apikey: \(DevelopmentSetup.apiKey)' -H 'onBehalfOf: alice' \\
                -H 'content-type: application/json' \\
                -d '{"receiver":"lobby","receiverType":"group","category":"message","type":"text","data":{"text":"hello"}}'

            """
    }
}
