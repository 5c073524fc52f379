internal import CLinux
internal import Glibc

/// What asking a listening socket for a connection gave.
enum AcceptAnswer: ~Copyable {
    case accepted(Descriptor, SocketAddress)
    /// Nobody is waiting.
    case drained
    /// The one who waited is gone, or the network hiccupped: ask again.
    case aborted
    /// No descriptors or no memory left, in the process or the machine: errno.
    case exhausted(Int32)
}

/// Who is at the other end of a Unix socket, as the kernel saw it when they connected.
public struct PeerCredentials: Equatable, Sendable {
    public let processID: Int32
    public let userID: UInt32
    public let groupID: UInt32
}

extension Syscall {
    /// A non-blocking stream socket.
    static func makeSocket(family: Int32, for object: String) throws(SystemError) -> Descriptor {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try require("socket", on: object) { socket(family, kind, 0) })
    }

    /// Switches an integer option of a socket.
    static func setOption(
        _ socket: borrowing Descriptor, level: Int32, option: Int32, to value: Int32, name: String
    ) throws(SystemError) {
        let raw = socket.raw
        var value = value
        try require("setsockopt", on: name) {
            // SAFETY: setsockopt reads the four bytes of `value`.
            unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// Sends small writes at once (RFC 896 delays would hold frames back); no meaning on Unix sockets, and not worth
    /// losing a connection over.
    static func disableDelay(_ socket: borrowing Descriptor) {
        try? setOption(socket, level: Int32(IPPROTO_TCP), option: TCP_NODELAY, to: 1, name: "TCP_NODELAY")
    }

    static func bind(_ socket: borrowing Descriptor, to address: SocketAddress) throws(SystemError) {
        let raw = socket.raw
        try require("bind", on: address.description) {
            // SAFETY: the pointer and length describe one sockaddr that lives through the call.
            unsafe address.withSockaddr { pointer, length in unsafe Glibc.bind(raw, pointer, length) }
        }
    }

    static func listen(_ socket: borrowing Descriptor, backlog: Int32, for object: String) throws(SystemError) {
        let raw = socket.raw
        try require("listen", on: object) { Glibc.listen(raw, backlog) }
    }

    /// Starts connecting; true when it is established already, false when it is under way.
    static func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws(SystemError) -> Bool {
        let raw = socket.raw
        let answer = call("connect") {
            // SAFETY: as in `bind`.
            unsafe address.withSockaddr { pointer, length in unsafe Glibc.connect(raw, pointer, length) }
        }
        switch answer {
        case .value: return true
        case .failed(EINPROGRESS), .failed(EALREADY): return false
        case .failed(let code): throw SystemError(code: code, call: "connect", object: address.description)
        }
    }

    /// The pending error of a socket: 0, or why its connect failed or its stream broke.
    public static func pendingError(_ socket: borrowing Descriptor) -> Int32 {
        intOption(socket, level: SOL_SOCKET, option: SO_ERROR)
    }

    static func intOption(_ socket: borrowing Descriptor, level: Int32, option: Int32) -> Int32 {
        let raw = socket.raw
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: getsockopt fills at most the four bytes of `value`.
        switch call("getsockopt", { unsafe getsockopt(raw, level, option, &value, &length) }) {
        case .value: return value
        case .failed(let code): return code
        }
    }

    /// Takes one waiting connection.
    static func accept(_ listener: borrowing Descriptor) -> AcceptAnswer {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let raw = listener.raw
        // SAFETY: the kernel fills at most `length` bytes of `storage`.
        switch call("accept4", { unsafe halley_accept(raw, &storage, &length) }) {
        case .value(let accepted):
            return .accepted(Descriptor(owning: Int32(accepted)), SocketAddress(storage))
        case .failed(EAGAIN): return .drained
        case .failed(let code) where [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code): return .exhausted(code)
        case .failed(let code) where [EINVAL, ENOTSOCK, EOPNOTSUPP].contains(code):
            preconditionFailure("accept4: not a listening socket: \(SystemError.text(of: code))")
        // accept(2): errors of the network pending on the new socket come out here; they are its own, not the listener's.
        case .failed: return .aborted
        }
    }

    /// The address a socket is bound to.
    public static func localAddress(_ socket: borrowing Descriptor) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let raw = socket.raw
        try require("getsockname", on: "socket") {
            // SAFETY: the kernel fills at most `length` bytes of `storage`.
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getsockname(raw, $0, &length)
                }
            }
        }
        return SocketAddress(storage)
    }

    /// Who connected to this Unix socket.
    public static func peerCredentials(_ socket: borrowing Descriptor) throws(SystemError) -> PeerCredentials {
        var processID: Int32 = 0
        var userID: UInt32 = 0
        var groupID: UInt32 = 0
        let raw = socket.raw
        try require("getsockopt", on: "SO_PEERCRED") {
            // SAFETY: the shim fills the three integers.
            unsafe halley_peer_credentials(raw, &processID, &userID, &groupID)
        }
        return PeerCredentials(processID: processID, userID: userID, groupID: groupID)
    }

    /// Two connected non-blocking Unix stream sockets.
    public static func socketPair() throws(SystemError) -> SocketPair {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try require("socketpair", on: "unix") {
            // SAFETY: the kernel stores two numbers into an array of two.
            unsafe socketpair(AF_UNIX, kind, 0, &pair)
        }
        return SocketPair(first: Descriptor(owning: pair[0]), second: Descriptor(owning: pair[1]))
    }
}

/// Both ends of a connected pair, to be taken one by one or dropped together.
public struct SocketPair: ~Copyable {
    private var firstEnd: Descriptor?
    private var secondEnd: Descriptor?

    init(first: consuming Descriptor, second: consuming Descriptor) {
        firstEnd = consume first
        secondEnd = consume second
    }

    /// The first end; once.
    public mutating func takeFirst() -> Descriptor { firstEnd.take()! }

    /// The second end; once.
    public mutating func takeSecond() -> Descriptor { secondEnd.take()! }
}
