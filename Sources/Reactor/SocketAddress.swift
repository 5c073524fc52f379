internal import Glibc

/// Where a socket is: an IPv4 or IPv6 address and port, or a Unix path. Compares and hashes by value.
///
/// Small on purpose (no sockaddr_storage inside): one is kept per connection for the limits by address.
public enum SocketAddress: Hashable, Sendable {
    /// In host byte order: 127.0.0.1 is 0x7F000001.
    case ipv4(address: UInt32, port: UInt16)
    /// The 16 bytes as two big-endian halves; `scope` is the interface of a link-local address, else 0.
    case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)
    /// A path; empty for the unnamed end of a Unix connection.
    case unix(path: String)

    /// 127.0.0.1.
    public static func loopback(port: UInt16) -> SocketAddress {
        .ipv4(address: 0x7F00_0001, port: port)
    }

    /// Reads `1.2.3.4:80` or `[::1]:80`; nil for anything else. Names are not looked up.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.init(ipv6: String(host.dropFirst().dropLast()), port: port)
        } else {
            self.init(ipv4: String(host), port: port)
        }
    }

    private init?(ipv4 text: String, port: UInt16) {
        var address = in_addr()
        // SAFETY: inet_pton reads a zero-terminated string and fills the struct of the family named.
        guard unsafe inet_pton(AF_INET, text, &address) == 1 else { return nil }
        self = .ipv4(address: UInt32(bigEndian: address.s_addr), port: port)
    }

    private init?(ipv6 text: String, port: UInt16) {
        var address = in6_addr()
        // SAFETY: as above.
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        self.init(address, port: port, scope: 0)
    }

    private init(_ address: in6_addr, port: UInt16, scope: UInt32) {
        // SAFETY: in6_addr is 16 plain bytes.
        let halves = unsafe unsafeBitCast(address, to: (UInt64, UInt64).self)
        self = .ipv6(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1), port: port, scope: scope)
    }

    /// From what the kernel filled in.
    init(_ storage: sockaddr_storage) {
        // SAFETY: sockaddr_storage is large and aligned enough for each family's struct, and its family says which one
        // the kernel stored.
        self = unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let value = unsafe bytes.load(as: sockaddr_in.self)
                return .ipv4(address: UInt32(bigEndian: value.sin_addr.s_addr), port: UInt16(bigEndian: value.sin_port))
            case AF_INET6:
                let value = unsafe bytes.load(as: sockaddr_in6.self)
                return SocketAddress(
                    value.sin6_addr, port: UInt16(bigEndian: value.sin6_port), scope: value.sin6_scope_id)
            default:
                let path = unsafe bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
                return .unix(path: unsafe String(decoding: path, as: UTF8.self))
            }
        }
    }

    /// The socket family to make.
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    public var isUnix: Bool {
        if case .unix = self { true } else { false }
    }

    /// The port, 0 for a Unix path.
    public var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): port
        case .unix: 0
        }
    }

    /// The same place with another port.
    public func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address: address, port: port)
        case .ipv6(let high, let low, _, let scope): .ipv6(high: high, low: low, port: port, scope: scope)
        case .unix: self
        }
    }

    /// Room for a path and its terminating zero in sockaddr_un (108 bytes on Linux).
    static let unixPathBytesMax = 107

    /// Lends the kernel's form of this address. A path that is too long is a programmer error here: listeners and
    /// connectors check before.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length: Int
        switch self {
        case .ipv4(let address, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = address.bigEndian
            length = SocketAddress.store(value, in: &storage)
        case .ipv6(let high, let low, let port, let scope):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            // SAFETY: in6_addr is 16 plain bytes.
            value.sin6_addr = unsafe unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
            value.sin6_scope_id = scope
            length = SocketAddress.store(value, in: &storage)
        case .unix(let path):
            precondition(path.utf8.count <= SocketAddress.unixPathBytesMax, "a Unix socket's path fits sockaddr_un")
            storage.ss_family = sa_family_t(AF_UNIX)
            // SAFETY: family, path and a zero fit in sockaddr_un by the check above, and that in the storage.
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[MemoryLayout<sa_family_t>.size...])
                    .copyBytes(from: path.utf8)
            }
            length = MemoryLayout<sa_family_t>.size + path.utf8.count + 1
        }
        // SAFETY: every sockaddr begins like `sockaddr`, and the storage outlives the closure.
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }

    private static func store<Value>(_ value: Value, in storage: inout sockaddr_storage) -> Int {
        // SAFETY: the storage is large and aligned enough for each family's plain struct.
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: value, as: Value.self) }
        return MemoryLayout<Value>.size
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `1.2.3.4:80`, `[::1]:80` or the path.
    public var description: String {
        switch self {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, _, let port, _): "[\(host)]:\(port)"
        case .unix(let path): path.isEmpty ? "unix" : path
        }
    }

    /// The address without the port: `1.2.3.4`, `::1`, or the path.
    public var host: String {
        switch self {
        case .ipv4(let address, _):
            return [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: address >> UInt32($0))) }
                .joined(separator: ".")
        case .ipv6(let high, let low, _, _):
            return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                // SAFETY: inet_ntop reads 16 bytes and writes a zero-terminated string of at most INET6_ADDRSTRLEN.
                var address = (high.bigEndian, low.bigEndian)
                guard unsafe inet_ntop(AF_INET6, &address, buffer.baseAddress!, socklen_t(buffer.count)) != nil
                else { return "?" }
                return unsafe String(cString: buffer.baseAddress!)
            }
        case .unix(let path): return path
        }
    }
}
