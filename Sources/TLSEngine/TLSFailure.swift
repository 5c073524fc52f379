import COpenSSL

/// Why a TLS session ended before a proper close. An error of the peer (or of its network), never of the environment.
public struct TLSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// A bounded set: fit for a metric label.
    public enum Kind: Sendable, Equatable {
        /// The peer gave up and told why, by an alert of RFC 8446 §6.2.
        case alertReceived(UInt8)
        /// The first bytes are not TLS at all: plain HTTP, a port scan.
        case notTLS
        /// No TLS version in common.
        case noSharedVersion
        /// No cipher suite, group or signature algorithm in common.
        case noSharedParameters
        /// The client offers protocols by ALPN, and ours is not among them.
        case noApplicationProtocol
        /// Client role: the server's certificate is not trusted or not for this name.
        case certificateRejected
        /// A record that is too long, of no known type, or does not authenticate.
        case corruptRecord
        /// Something TLS forbids, or refused here (renegotiation).
        case protocolViolation
        /// Our side has sent close_notify already; nothing can follow it.
        case closedLocally
        /// OpenSSL itself failed: no memory, no randomness.
        case internalError
    }

    public var kind: Kind
    /// OpenSSL's packed error code, for the log; 0 when there is none.
    public var code: UInt

    init(kind: Kind, code: UInt = 0) {
        self.kind = kind
        self.code = code
    }

    /// For a log line: the kind with OpenSSL's own words.
    public var description: String {
        code == 0 ? "\(kind)" : "\(kind): \(OpenSSLErrors.text(code))"
    }
}

extension TLSFailure {
    /// From OpenSSL's error queue, which is emptied.
    static func taken() -> TLSFailure {
        let code = OpenSSLErrors.takeTLS()
        return TLSFailure(kind: Kind(code: code), code: code)
    }
}

extension TLSFailure.Kind {
    /// Received alerts come as reason 1,000 + description.
    private static let alertReasonOffset = SSL_AD_REASON_OFFSET

    init(code: UInt) {
        guard code != 0, ERR_GET_LIB(code) == ERR_LIB_SSL else {
            self = .internalError
            return
        }
        let reason = ERR_GET_REASON(code)
        if let alert = UInt8(exactly: reason - Self.alertReasonOffset) {
            self = .alertReceived(alert)
            return
        }
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER:
            self = .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH, SSL_R_NO_PROTOCOLS_AVAILABLE,
            SSL_R_WRONG_SSL_VERSION, SSL_R_INAPPROPRIATE_FALLBACK:
            self = .noSharedVersion
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_GROUPS,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
            self = .noSharedParameters
        case SSL_R_NO_APPLICATION_PROTOCOL:
            self = .noApplicationProtocol
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            self = .certificateRejected
        case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_DECRYPTION_FAILED, SSL_R_BAD_RECORD_TYPE,
            SSL_R_DATA_LENGTH_TOO_LONG, SSL_R_ENCRYPTED_LENGTH_TOO_LONG, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_LENGTH_TOO_SHORT, SSL_R_RECORD_LENGTH_MISMATCH, SSL_R_RECORD_TOO_SMALL:
            self = .corruptRecord
        default:
            self = .protocolViolation
        }
    }
}
