internal import Reactor

/// Reads a PROXY protocol header, version 1 or 2 (haproxy's proxy-protocol.txt), which a load balancer puts before the
/// first byte of a connection to say whose connection it is. Value; no socket: bytes in, the next step out.
///
/// What follows the header belongs to TLS, so the reader says how many bytes it wants and must never be given more.
/// Anything else than a whole, valid header is refused, as the specification asks: a receiver that is told to expect one
/// must not guess.
struct ProxyHeader {
    enum Step: Equatable {
        /// Read so many bytes more, at most.
        case wants(Int)
        /// Whose connection it is; nil: the proxy's own (a health check), or of no address that it could say.
        case done(SocketAddress?)
        /// Not a header; why, for the log.
        case refused(String)
    }

    /// Common to both versions' first bytes, and less than either's shortest header.
    private static let signatureBytes = 12
    private static let signature2: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
    private static let prefix1 = [UInt8]("PROXY ".utf8)
    /// The specification's bound on a version 1 line, with its end.
    static let lineBytesMax = 107
    private static let head2Bytes = 16
    /// What may follow a version 2 head: addresses and extensions, of which a few hundred bytes are usual.
    static let tail2BytesMax = 2_048

    private var bytes: [UInt8] = []

    /// What is wanted first.
    static let firstBytes = signatureBytes

    /// Takes what was read, at most what was wanted.
    mutating func take(_ more: some Collection<UInt8>) -> Step {
        bytes += more
        if bytes.starts(with: Self.signature2) { return version2() }
        let head = bytes.prefix(Self.prefix1.count)
        if Self.prefix1.starts(with: head) {
            return bytes.count < Self.signatureBytes ? next(Self.signatureBytes) : line()
        }
        guard Self.signature2.starts(with: bytes) else { return .refused("neither version's signature") }
        return next(Self.signatureBytes)
    }

    private func next(_ count: Int) -> Step { .wants(count - bytes.count) }

    // MARK: - Version 1: a line of text

    private func line() -> Step {
        if bytes.last == UInt8(ascii: "\n") {
            return bytes.suffix(2) == [13, 10] ? parse(bytes.dropLast(2)) : .refused("a line that ends without CR")
        }
        // A CR is followed by the end; without one there are two bytes more at least.
        let missing = bytes.last == 13 ? 1 : 2
        guard bytes.count + missing <= Self.lineBytesMax else { return .refused("a line without its end in time") }
        return .wants(missing)
    }

    private func parse(_ line: ArraySlice<UInt8>) -> Step {
        guard line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return .refused("a line that is no text") }
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // What comes after UNKNOWN is to be ignored.
        if parts[1] == "UNKNOWN" { return .done(nil) }
        guard parts.count == 6, let source = Self.port(parts[4]), Self.port(parts[5]) != nil else {
            return .refused("a line of other parts")
        }
        let (from, to): (SocketAddress?, SocketAddress?) =
            switch parts[1] {
            case "TCP4": (SocketAddress("\(parts[2]):\(source)"), SocketAddress("\(parts[3]):0"))
            case "TCP6": (SocketAddress("[\(parts[2])]:\(source)"), SocketAddress("[\(parts[3])]:0"))
            default: (nil, nil)
            }
        guard let from, to != nil else { return .refused("a line without two addresses of its family") }
        return .done(from.unmapped)
    }

    /// Decimal, without sign or leading zeros.
    private static func port(_ text: String) -> UInt16? {
        guard let port = UInt16(text), String(port) == text else { return nil }
        return port
    }

    // MARK: - Version 2: binary

    private func version2() -> Step {
        guard bytes.count >= Self.head2Bytes else { return next(Self.head2Bytes) }
        let (command, family) = (bytes[12], bytes[13])
        guard command == 0x20 || command == 0x21 else { return .refused("version or command \(command)") }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard length <= Self.tail2BytesMax else { return .refused("\(length) bytes after the head") }
        guard bytes.count == Self.head2Bytes + length else { return next(Self.head2Bytes + length) }
        // LOCAL: the proxy speaks for itself, whatever stands there.
        if command == 0x20 { return .done(nil) }
        switch family {
        case 0x00, 0x31: return .done(nil)
        case 0x11:
            guard length >= 12 else { return .refused("no room for IPv4 addresses") }
            return .done(.ipv4(address: UInt32(number(16, 4)), port: UInt16(number(24, 2))))
        case 0x21:
            guard length >= 36 else { return .refused("no room for IPv6 addresses") }
            let from = SocketAddress.ipv6(
                high: number(16, 8), low: number(24, 8), port: UInt16(number(48, 2)), scope: 0)
            return .done(from.unmapped)
        default: return .refused("address family \(family)")
        }
    }

    /// Big-endian.
    private func number(_ start: Int, _ count: Int) -> UInt64 {
        bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension SocketAddress {
    /// An IPv4 address that came written as IPv6 (RFC 4291 §2.5.5.2) as itself: as IPv6 all of them are one network.
    fileprivate var unmapped: SocketAddress {
        guard case .ipv6(0, let low, let port, _) = self, low >> 32 == 0xFFFF else { return self }
        return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
    }
}
