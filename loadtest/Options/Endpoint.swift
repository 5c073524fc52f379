internal import Reactor

/// A WebSocket address. Names other than `localhost` are not looked up.
struct Endpoint {
    let isTLS: Bool
    /// As in the address: for the Host header and the certificate's check.
    let host: String
    let address: SocketAddress
    /// Path and query.
    let target: String

    init?(_ url: String) {
        let isTLS = url.hasPrefix("wss://")
        guard isTLS || url.hasPrefix("ws://") else { return nil }
        let rest = url.dropFirst(isTLS ? 6 : 5)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest.dropFirst(authority.count)
        let target = tail.hasPrefix("/") ? String(tail) : "/" + tail
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let isLocal = authority.hasPrefix("localhost:")
        let numeric = isLocal ? "127.0.0.1" + authority.dropFirst("localhost".count) : String(authority)
        guard let address = SocketAddress(numeric), address.port > 0 else { return nil }
        self.isTLS = isTLS
        self.target = target
        self.address = address
        host = isLocal ? "localhost" : address.host
    }

    /// For the Host header.
    var authority: String {
        host.contains(":") ? "[\(host)]:\(address.port)" : "\(host):\(address.port)"
    }
}
