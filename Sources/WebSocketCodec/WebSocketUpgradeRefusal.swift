/// Why an upgrade is refused.
public enum WebSocketUpgradeRefusal: Error, Sendable, Equatable, CaseIterable {
    case method, httpVersion, body, upgrade, connection, key, version, extensions

    /// The HTTP status to answer with.
    public var status: Int {
        switch self {
        case .method: 405
        // RFC 9110 §15.5.22, and RFC 6455 §4.4 for another version.
        case .upgrade, .version: 426
        default: 400
        }
    }

    /// One constant sentence for the answer's body and the log.
    public var reason: StaticString {
        switch self {
        case .method: "The upgrade needs GET."
        case .httpVersion: "The upgrade needs HTTP/1.1."
        case .body: "The upgrade request must not have a body."
        case .upgrade: "This resource speaks WebSocket: send Upgrade: websocket."
        case .connection: "The Connection header must list upgrade."
        case .key: "Sec-WebSocket-Key must be 16 bytes in base64."
        case .version: "Sec-WebSocket-Version must be 13."
        case .extensions: "Sec-WebSocket-Extensions is malformed."
        }
    }

    /// Appends the header lines the status asks for: `Allow`, or `Upgrade`, `Connection` and the version we speak.
    public func appendFields(to out: inout [UInt8]) {
        switch self {
        case .method:
            Octets.append("Allow: GET\r\n", to: &out)
        case .upgrade, .version:
            Octets.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", to: &out)
        default:
            break
        }
    }
}
