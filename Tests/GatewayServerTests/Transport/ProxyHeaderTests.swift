import Reactor
import Testing

@testable import GatewayServer

@Suite struct ProxyHeaderTests {
    /// Feeds exactly what is wanted, in pieces of at most `piece` bytes, as a socket would; what is left is not the
    /// header's.
    private func read(_ wire: [UInt8], piece: Int = .max) -> (step: ProxyHeader.Step, left: [UInt8]) {
        var (header, left, wanted) = (ProxyHeader(), wire[...], ProxyHeader.firstBytes)
        while true {
            let count = min(wanted, piece, left.count)
            if count == 0 { return (.wants(wanted), Array(left)) }
            let step = header.take(left.prefix(count))
            left = left.dropFirst(count)
            guard case .wants(let more) = step else { return (step, Array(left)) }
            wanted = more
        }
    }

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    private static func version2(_ command: UInt8, _ family: UInt8, _ tail: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(tail.count >> 8), UInt8(tail.count & 255)] + tail
    }

    private static let ipv4: [UInt8] = [192, 0, 2, 7, 10, 0, 0, 1, 0x30, 0x39, 0x01, 0xBB]
    private static let ipv6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7] + [UInt8](repeating: 1, count: 16)
        + [0x30, 0x39, 0x01, 0xBB]
    private static let mapped: [UInt8] =
        [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 7] + [UInt8](repeating: 1, count: 16)
        + [0x30, 0x39, 0x01, 0xBB]

    private static let good: [(wire: [UInt8], address: String?)] = [
        (Array("PROXY TCP4 192.0.2.7 10.0.0.1 12345 443\r\n".utf8), "192.0.2.7:12345"),
        (Array("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n".utf8), "0.0.0.0:0"),
        (Array("PROXY TCP6 2001:db8::7 ::1 12345 443\r\n".utf8), "[2001:db8::7]:12345"),
        (Array("PROXY TCP6 ::ffff:192.0.2.7 ::1 12345 443\r\n".utf8), "192.0.2.7:12345"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff::1 ffff::2 1 2 whatever\r\n".utf8), nil),
        (version2(0x21, 0x11, ipv4), "192.0.2.7:12345"),
        (version2(0x21, 0x11, ipv4 + [3, 0, 4, 1, 2, 3, 4]), "192.0.2.7:12345"),
        (version2(0x21, 0x21, ipv6), "[2001:db8::7]:12345"),
        (version2(0x21, 0x21, mapped), "192.0.2.7:12345"),
        (version2(0x20, 0x00, []), nil),
        (version2(0x20, 0x11, ipv4), nil),
        (version2(0x21, 0x00, [1, 2, 3]), nil),
        (version2(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
        (version2(0x21, 0x11, ipv4 + [UInt8](repeating: 4, count: ProxyHeader.tail2BytesMax - 12)), "192.0.2.7:12345"),
    ]

    @Test(arguments: good.indices, [1, 2, 7, Int.max])
    func aHeaderIsReadAtEverySplitAndNothingBehindIt(_ index: Int, _ piece: Int) {
        let (wire, address) = Self.good[index]
        let behind: [UInt8] = [0x16, 3, 1, 13, 10]
        let (step, left) = read(wire + behind, piece: piece)
        #expect(step == .done(address.flatMap { SocketAddress($0) }))
        #expect(left == behind)
    }

    @Test(arguments: good.indices) func aPartOfAHeaderWantsTheRest(_ index: Int) {
        let wire = Self.good[index].wire
        for count in 0..<wire.count {
            guard case .wants(let more) = read(Array(wire.prefix(count))).step else {
                Issue.record("\(count) bytes were enough")
                return
            }
            #expect(more > 0 && count + more <= wire.count, "never more than the header may have")
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
        "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY TCP4 a.b.c.d 1.2.3.4 1 2\r\n",
        "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4\u{0}1.2.3.4 1 2\r\n",
    ]) func whatIsNoLineIsRefused(_ text: String) {
        guard case .refused = read(Array(text.utf8)).step else {
            Issue.record("taken: \(text)")
            return
        }
    }

    @Test func aLineHasItsBound() {
        let longest = "PROXY UNKNOWN " + String(repeating: "x", count: ProxyHeader.lineBytesMax - 16)
        #expect(read(Array((longest + "\r\n").utf8)).step == .done(nil))
        guard case .refused = read(Array((longest + "x\r\n").utf8)).step else {
            Issue.record("a longer line was taken")
            return
        }
    }

    private static let bad: [[UInt8]] = [
        version2(0x11, 0x11, ipv4), version2(0x22, 0x11, ipv4), version2(0x21, 0x12, ipv4), version2(0x21, 0x41, ipv4),
        version2(0x21, 0x11, Array(ipv4.dropLast())), version2(0x21, 0x21, ipv4),
        version2(0x21, 0x11, [UInt8](repeating: 0, count: ProxyHeader.tail2BytesMax + 1)),
        signature.dropLast() + [11, 0x21, 0x11, 0, 0], [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, 9],
    ]

    @Test(arguments: bad) func whatIsNoBinaryHeaderIsRefused(_ wire: [UInt8]) {
        guard case .refused = read(wire).step else {
            Issue.record("taken: \(wire)")
            return
        }
    }
}
