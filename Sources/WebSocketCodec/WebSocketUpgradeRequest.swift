/// What the handshake needs of an HTTP request. Header values are given as one list each, all lines of that name joined
/// with ", "; empty when there is none. So a repeated key or version is refused without further ado.
public struct WebSocketUpgradeRequest: Sendable {
    public var methodIsGET: Bool
    public var versionIsHTTP11: Bool
    /// Whether a body is announced.
    public var hasBody: Bool
    public var upgrade: [UInt8]
    public var connection: [UInt8]
    /// Sec-WebSocket-Key
    public var key: [UInt8]
    /// Sec-WebSocket-Version
    public var version: [UInt8]
    /// Sec-WebSocket-Extensions
    public var extensions: [UInt8]

    public init(
        methodIsGET: Bool, versionIsHTTP11: Bool, hasBody: Bool, upgrade: [UInt8], connection: [UInt8], key: [UInt8],
        version: [UInt8], extensions: [UInt8]
    ) {
        self.methodIsGET = methodIsGET
        self.versionIsHTTP11 = versionIsHTTP11
        self.hasBody = hasBody
        self.upgrade = upgrade
        self.connection = connection
        self.key = key
        self.version = version
        self.extensions = extensions
    }
}
