/// An accepted upgrade.
public struct WebSocketAcceptance: Sendable, Equatable {
    /// The value of Sec-WebSocket-Accept.
    public let accept: [UInt8]
    /// The agreed compression; nil for none.
    public let deflate: PermessageDeflate?

    /// Appends the whole 101 response. Frames may follow at once.
    public func appendResponse(to out: inout [UInt8]) {
        Octets.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", to: &out)
        Octets.append("Sec-WebSocket-Accept: ", to: &out)
        out.append(contentsOf: accept)
        if let deflate {
            Octets.append("\r\nSec-WebSocket-Extensions: ", to: &out)
            deflate.appendAnswer(to: &out)
        }
        Octets.append("\r\n\r\n", to: &out)
    }
}
