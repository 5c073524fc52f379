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

    /// RFC 6455 §7.4.1, for records only and never on the wire: the connection broke off, or the peer's close frame
    /// named no code.
    public static let brokenOff: UInt16 = 1006
    public static let unnamed: UInt16 = 1005

    /// What a client should do next.
    public enum ReconnectAdvice: Sendable, Equatable {
        /// As RFC 6455 has it; the gateway has no opinion.
        case none
        /// Not with this credential.
        case never
        case backOffThenReconnect
        case reconnectNowAndResume
        /// Somebody decided it; asking a person comes first.
        case policy
    }

    public var code: UInt16 { rawValue }

    public var advice: ReconnectAdvice {
        switch rawValue {
        case 4000..<4100: .never
        case 4100..<4200: .backOffThenReconnect
        case 4200..<4300: .reconnectNowAndResume
        case 4300..<4400: .policy
        default: .none
        }
    }

    /// Whether the client may come back and resume from its last `seq`.
    public var isResumable: Bool {
        advice == .backOffThenReconnect || advice == .reconnectNowAndResume
    }

    /// What the `error` frame before the close says when nobody knows better; nil: no such frame is sent.
    public var failure: APIFailure? {
        switch self {
        case .normal, .protocolError, .unsupportedData, .invalidText, .frameTooBig, .internalError: nil
        case .badCredential: APIFailure(.authTokenNotFound, "the credential is not valid")
        case .credentialRevoked: APIFailure(.authTokenNotFound, "the credential was revoked")
        case .credentialExpired: APIFailure(.authTokenNotFound, "the credential has expired")
        case .notAuthenticated: APIFailure(.badRequest, "an auth frame must come first, and be well formed")
        case .unknownApp: APIFailure(.invalidAppID, "there is no such app here")
        case .userGone: APIFailure(.noAccess, "the user was deleted or deactivated")
        case .authTimeout: APIFailure(.emptyAuthToken, "no auth frame came in time")
        case .overloaded: APIFailure(.unavailable, "the gateway is overloaded")
        case .connectionLimit: APIFailure(.tooManyRequests, "the user has too many connections")
        case .rateLimited: APIFailure(.tooManyRequests, "too many frames or attempts")
        case .draining: APIFailure(.unavailable, "the gateway is about to stop")
        case .background: APIFailure(.appInBackground, "the app went to the background")
        case .noPing: APIFailure(.badRequest, "no ping came in time")
        case .slowConsumer: APIFailure(.unavailable, "the connection reads too slowly")
        case .disconnectedByBackend: APIFailure(.noAccess, "disconnected by the app's backend")
        case .tooManyErrors: APIFailure(.badRequest, "too many bad frames")
        }
    }

    /// The metrics' label: constant, lower case with underscores.
    public var metricLabel: String {
        switch self {
        case .normal: "normal"
        case .protocolError: "protocol_error"
        case .unsupportedData: "unsupported_data"
        case .invalidText: "invalid_text"
        case .frameTooBig: "frame_too_big"
        case .internalError: "internal_error"
        case .badCredential: "bad_credential"
        case .credentialRevoked: "credential_revoked"
        case .credentialExpired: "credential_expired"
        case .notAuthenticated: "not_authenticated"
        case .unknownApp: "unknown_app"
        case .userGone: "user_gone"
        case .authTimeout: "auth_timeout"
        case .overloaded: "overloaded"
        case .connectionLimit: "connection_limit"
        case .rateLimited: "rate_limited"
        case .draining: "draining"
        case .background: "background"
        case .noPing: "no_ping"
        case .slowConsumer: "slow_consumer"
        case .disconnectedByBackend: "disconnected_by_backend"
        case .tooManyErrors: "too_many_errors"
        }
    }
}
