internal import Reactor
internal import WireProtocol

/// Which door a connection came through: decides what it may ask for.
public enum ListenerKind: Sendable {
    case `public`, backend, ops
}

/// Who stands at the other end.
public struct Peer: Sendable, Equatable {
    /// The address without its port, or "unix".
    public let address: String
    /// Of a Unix socket's peer, by SO_PEERCRED.
    public let uid: UInt32?
    public let gid: UInt32?
    /// What per-address limits count by; nil for a Unix socket's peer.
    let source: SocketAddress?

    init(address: String, uid: UInt32? = nil, gid: UInt32? = nil, source: SocketAddress? = nil) {
        self.address = address
        self.source = source
        self.uid = uid
        self.gid = gid
    }
}

/// A request's head, copied out of the receive buffer. Value; crosses threads.
public struct RequestHead: Sendable {
    public let listener: ListenerKind
    public let peer: Peer
    public let method: String
    /// As received, before the `?`, not percent-decoded.
    public let path: String
    /// As received, after the `?`; nil when there is none.
    public let query: String?
    /// Names in lower case, in order of arrival.
    public let headers: [(name: String, value: String)]

    public init(
        listener: ListenerKind, peer: Peer, method: String, path: String, query: String?,
        headers: [(name: String, value: String)]
    ) {
        self.listener = listener
        self.peer = peer
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// The first header of that name (given in lower case).
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// A whole request. Value; crosses threads.
public struct Request: Sendable {
    public let head: RequestHead
    public let body: [UInt8]

    public init(head: RequestHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}

/// A whole response. The shard adds `content-length`, `date` and, where needed, `connection`.
public struct Response: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    /// What a refusal is for; nil for everything else.
    let refusal: ErrorCode?

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: body, refusal: nil)
    }

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8], refusal: ErrorCode?) {
        self.status = status
        self.headers = headers
        self.body = body
        self.refusal = refusal
    }
}
