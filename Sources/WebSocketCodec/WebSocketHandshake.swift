/// The server's side of the opening handshake (RFC 6455 §4.2). Stateless; any thread.
public enum WebSocketHandshake {
    public enum Answer: Sendable, Equatable {
        case accept(WebSocketAcceptance)
        case refuse(WebSocketUpgradeRefusal)
    }

    /// - Parameter allowsDeflate: false leaves every compression offer unanswered.
    public static func answer(_ request: WebSocketUpgradeRequest, allowsDeflate: Bool = true) -> Answer {
        guard request.methodIsGET else { return .refuse(.method) }
        guard Octets.list(request.upgrade.span, holds: "websocket") else { return .refuse(.upgrade) }
        guard request.versionIsHTTP11 else { return .refuse(.httpVersion) }
        guard Octets.list(request.connection.span, holds: "upgrade") else { return .refuse(.connection) }
        guard !request.hasBody else { return .refuse(.body) }
        guard Octets.equal(request.version.span, 0..<request.version.count, ignoringCaseOf: "13") else {
            return .refuse(.version)
        }
        guard Base64.isKey(request.key.span) else { return .refuse(.key) }
        guard let extensions = WebSocketExtensionList(request.extensions.span) else { return .refuse(.extensions) }
        let deflate = allowsDeflate ? PermessageDeflate.choose(extensions) : nil
        return .accept(WebSocketAcceptance(accept: acceptValue(key: request.key), deflate: deflate))
    }

    /// RFC 6455 §4.2.2: base64 of the SHA-1 of key and GUID.
    static func acceptValue(key: [UInt8]) -> [UInt8] {
        Base64.encode(SHA1.digest(key + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
    }
}
