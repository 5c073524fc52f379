/// The client's side of the opening handshake, for the load generator and tests.
public struct WebSocketClientHandshake: Sendable {
    public enum Answer: Sendable, Equatable {
        case open(deflate: PermessageDeflate?)
        case failed(Failure)
    }

    /// Why the server's answer is no acceptance.
    public enum Failure: Sendable, Equatable {
        case status(Int)
        case upgrade, connection, accept, extensions
    }

    /// The value of Sec-WebSocket-Key.
    public let key: [UInt8]
    public let offersDeflate: Bool

    /// - Parameter nonce: 16 bytes nobody can guess.
    public init(nonce: [UInt8], offersDeflate: Bool = false) {
        precondition(nonce.count == 16, "RFC 6455 §4.1: 16 bytes")
        key = Base64.encode(nonce)
        self.offersDeflate = offersDeflate
    }

    /// Appends the header lines the upgrade needs, after request line and Host.
    public func appendFields(to out: inout [UInt8]) {
        Octets.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", to: &out)
        Octets.append("Sec-WebSocket-Key: ", to: &out)
        out.append(contentsOf: key)
        Octets.append("\r\n", to: &out)
        if offersDeflate {
            Octets.append("Sec-WebSocket-Extensions: ", to: &out)
            Octets.append(PermessageDeflate.offer, to: &out)
            Octets.append("\r\n", to: &out)
        }
    }

    /// Appends the whole request. Target and host must be clean already (no controls or blanks).
    public func appendRequest(target: String, host: String, to out: inout [UInt8]) {
        for byte in target.utf8 { precondition(byte > 0x20 && byte < 0x7F, "an encoded target") }
        for byte in host.utf8 { precondition(byte > 0x20 && byte < 0x7F, "a host") }
        Octets.append("GET ", to: &out)
        out.append(contentsOf: target.utf8)
        Octets.append(" HTTP/1.1\r\nHost: ", to: &out)
        out.append(contentsOf: host.utf8)
        Octets.append("\r\n", to: &out)
        appendFields(to: &out)
        Octets.append("\r\n", to: &out)
    }

    /// Judges the server's answer (RFC 6455 §4.1). Values are lists as in `WebSocketUpgradeRequest`.
    public func judge(
        status: Int, upgrade: [UInt8], connection: [UInt8], accept: [UInt8], extensions: [UInt8]
    ) -> Answer {
        guard status == 101 else { return .failed(.status(status)) }
        guard Octets.list(upgrade.span, holds: "websocket") else { return .failed(.upgrade) }
        guard Octets.list(connection.span, holds: "upgrade") else { return .failed(.connection) }
        guard accept == WebSocketHandshake.acceptValue(key: key) else { return .failed(.accept) }
        guard let list = WebSocketExtensionList(extensions.span) else { return .failed(.extensions) }
        if list.extensions.isEmpty { return .open(deflate: nil) }
        guard offersDeflate, let deflate = PermessageDeflate(answer: list) else { return .failed(.extensions) }
        return .open(deflate: deflate)
    }
}
