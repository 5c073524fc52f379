/// Every reason the gateway ends a realtime connection for, with its close code (protocol.md §5).
public enum CloseReason: UInt16, Sendable, CaseIterable {
    case normal = 1000
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidText = 1007
    case frameTooBig = 1009
    case internalError = 1011
    case badCredential = 4000
    case credentialRevoked = 4001
    case credentialExpired = 4002
    case notAuthenticated = 4003
    case unknownApp = 4004
    case userGone = 4005
    case authTimeout = 4008
    case overloaded = 4100
    case connectionLimit = 4101
    case rateLimited = 4102
    case draining = 4200
    case background = 4202
    case noPing = 4203
    case slowConsumer = 4204
    case disconnectedByBackend = 4300
    case tooManyErrors = 4302

    /// Whether the client may come back and resume from its last `seq`.
    public var isResumable: Bool {
        switch rawValue {
        case 4100..<4300: true
        default: false
        }
    }
}
