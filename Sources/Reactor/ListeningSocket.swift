internal import Glibc

/// A socket that listens. Immutable after it is made; made by the main thread, polled by the shards' `Listener`s.
public final class ListeningSocket: Sendable {
    let descriptor: Descriptor
    /// Where it listens, the port filled in.
    public let address: SocketAddress
    /// Several shards poll this one socket, so each connection shall wake one of them.
    public let isShared: Bool

    private init(_ descriptor: consuming Descriptor, address: SocketAddress, isShared: Bool) {
        self.descriptor = descriptor
        self.address = address
        self.isShared = isShared
    }

    /// Connections the kernel holds for us; it lowers this to net.core.somaxconn.
    public static let backlogMax: Int32 = 4096

    /// One socket per shard on the same TCP address; the kernel spreads connections over them. Port 0 takes a free one,
    /// the same for all. Throws if anybody listens there already, also a process that shares its port like we do.
    public static func tcp(_ address: SocketAddress, shards: Int) throws(SystemError) -> [ListeningSocket] {
        // SO_REUSEPORT would let us in beside another instance of the same user, so a socket without it asks first.
        let probe = try bound(address, reusePort: false)
        let address = try Syscall.localAddress(probe)
        _ = consume probe
        var sockets: [ListeningSocket] = []
        for _ in 0..<shards {
            let descriptor = try bound(address, reusePort: shards > 1)
            try Syscall.listen(descriptor, backlog: backlogMax, for: address.description)
            sockets.append(ListeningSocket(descriptor, address: address, isShared: false))
        }
        return sockets
    }

    private static func bound(_ address: SocketAddress, reusePort: Bool) throws(SystemError) -> Descriptor {
        let name = address.description
        let socket = try Syscall.makeSocket(family: address.family, for: name)
        // Restarts must not wait for the TIME_WAIT of old connections.
        try Syscall.setOption(socket, level: SOL_SOCKET, option: SO_REUSEADDR, to: 1, name: name)
        if reusePort { try Syscall.setOption(socket, level: SOL_SOCKET, option: SO_REUSEPORT, to: 1, name: name) }
        if case .ipv6 = address {
            try Syscall.setOption(socket, level: Int32(IPPROTO_IPV6), option: IPV6_V6ONLY, to: 1, name: name)
        }
        try Syscall.bind(socket, to: address)
        return socket
    }

    /// A Unix socket at `path` with permission bits `mode` and, if given, a group. A socket file left behind by a
    /// process that is gone is replaced; one that is being served, or a file of another kind, is an error.
    public static func unix(path: String, mode: UInt32, groupID: UInt32? = nil) throws(SystemError) -> ListeningSocket {
        let address = SocketAddress.unix(path: path)
        guard !path.isEmpty, path.utf8.count <= SocketAddress.unixPathBytesMax, !path.utf8.contains(0) else {
            throw SystemError(code: ENAMETOOLONG, call: "bind", object: path)
        }
        try Syscall.removeStaleSocket(path: path)
        let socket = try Syscall.makeSocket(family: AF_UNIX, for: path)
        try Syscall.bind(socket, to: address)
        // Until `listen`, connecting is refused, so nobody slips in under the mode that the umask gave.
        try Syscall.setPermissions(path: path, mode: mode, groupID: groupID)
        try Syscall.listen(socket, backlog: backlogMax, for: path)
        return ListeningSocket(socket, address: address, isShared: false)
    }

    /// A listening socket handed over by whoever started us, polled by every shard.
    public static func adopt(_ raw: Int32) throws(SystemError) -> ListeningSocket {
        let descriptor = try Syscall.adopt(raw)
        guard Syscall.intOption(descriptor, level: SOL_SOCKET, option: SO_ACCEPTCONN) == 1 else {
            throw SystemError(code: EINVAL, call: "adopt", object: "descriptor \(raw) does not listen")
        }
        let address = try Syscall.localAddress(descriptor)
        return ListeningSocket(descriptor, address: address, isShared: true)
    }

    /// Takes the file of a Unix socket away, on an orderly stop. Only for sockets we made: an adopted one's file belongs
    /// to its maker.
    public func removeFile() {
        if case .unix(let path) = address, !isShared { Syscall.removeFile(path: path) }
    }
}
