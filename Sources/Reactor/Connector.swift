internal import Glibc

/// Outgoing connections. Any thread.
public enum Connector {
    /// Linux's IP_BIND_ADDRESS_NO_PORT: the source port is chosen at connect, when the kernel can reuse one towards
    /// another destination.
    private static let bindAddressNoPort: Int32 = 24

    /// Starts connecting to `address`, TCP with delays off, or Unix. `source` chooses the local address (port 0) when
    /// there are more connections than ports. The descriptor is writable once the attempt has ended;
    /// `Syscall.pendingError` then says how.
    public static func start(to address: SocketAddress, from source: SocketAddress? = nil) throws(SystemError)
        -> Descriptor
    {
        if case .unix(let path) = address, path.utf8.count > SocketAddress.unixPathBytesMax {
            throw SystemError(code: ENAMETOOLONG, call: "connect", object: path)
        }
        let socket = try Syscall.makeSocket(family: address.family, for: address.description)
        if !address.isUnix { Syscall.disableDelay(socket) }
        if let source {
            try Syscall.setOption(
                socket, level: Int32(IPPROTO_IP), option: bindAddressNoPort, to: 1, name: "IP_BIND_ADDRESS_NO_PORT")
            try Syscall.bind(socket, to: source)
        }
        _ = try Syscall.connect(socket, to: address)
        return socket
    }
}
