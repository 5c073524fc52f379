internal import Reactor
public import TLSEngine

/// What came of one event on a transport.
public struct TransportInput: Sendable, Equatable {
    /// So many bytes of plaintext are the filled part of the loop's `buffers.plaintext`, until the next transport is
    /// served.
    public internal(set) var count = 0
    /// The connection was established in this call: handshake done, or, without TLS, connected.
    public internal(set) var isNewlyEstablished = false
    /// Nothing more will come after these bytes.
    public internal(set) var end: TransportEnd?
}

/// How the peer's direction of a stream ended.
public enum TransportEnd: Sendable, Equatable {
    /// Properly: by close_notify, or by the end of a stream without TLS. We may still write.
    case closed
    /// A TLS stream stopped without close_notify: what came may be cut short.
    case truncated
    /// The connection is of no use any more.
    case failed(TransportFailure)
}

/// What broke a transport.
public enum TransportFailure: Sendable, Equatable, CustomStringConvertible {
    /// The socket: errno.
    case system(Int32)
    case tls(TLSFailure)

    public var description: String {
        switch self {
        case .system(let code): SystemError.text(of: code)
        case .tls(let failure): failure.description
        }
    }
}
