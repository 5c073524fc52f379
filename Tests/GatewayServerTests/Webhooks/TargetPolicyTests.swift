import Reactor
import Testing

@testable import GatewayServer

@Suite struct TargetPolicyTests {
    private func reach(_ text: String) throws -> TargetPolicy.Reach {
        switch try #require(SocketAddress(text.contains(":") ? "[\(text)]:1" : "\(text):1")) {
        case .ipv4(let address, _): TargetPolicy.reach(ofIPv4: address)
        case .ipv6(let high, let low, _, _): TargetPolicy.reach(ofIPv6: high, low)
        case .unix: .none
        }
    }

    @Test(arguments: [
        "93.184.216.34", "8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.0.1.1", "223.255.255.255",
        "198.20.0.1", "2606:4700:4700::1111", "2001:4860:4860::8888", "2400::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ]) func publicAddresses(_ text: String) throws {
        #expect(try reach(text) == .public)
    }

    @Test(arguments: [
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "fc00::1", "fdff::1", "fe80::1", "febf::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::192.168.0.1",
        "2002:a00:1::1",
    ]) func privateAddresses(_ text: String) throws {
        #expect(try reach(text) == .private)
    }

    @Test(arguments: ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"])
    func loopbackAddresses(_ text: String) throws {
        #expect(try reach(text) == .loopback)
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "203.0.113.9",
        "198.51.100.1", "198.18.0.1", "192.0.0.8", "192.88.99.1", "::", "::ffff:0.0.0.0", "ff02::1", "2001:db8::1",
        "2001::1",
        "::7f00:1", "4000::1", "fec0::1",
    ]) func addressesThatAreNobodys(_ text: String) throws {
        #expect(try reach(text) == .none)
    }

    @Test func whoMayBeReached() {
        let reaches: [TargetPolicy.Reach] = [.public, .private, .loopback, .none]
        func allowed(_ isPrivate: Bool, _ isLoopback: Bool, isPlain: Bool) -> [Bool] {
            let policy = TargetPolicy(allowsPrivate: isPrivate, allowsLoopback: isLoopback)
            return reaches.map { policy.allows($0, isPlain: isPlain) }
        }
        #expect(allowed(false, false, isPlain: false) == [true, false, false, false])
        #expect(allowed(false, true, isPlain: false) == [true, false, true, false])
        #expect(allowed(true, false, isPlain: false) == [true, true, true, false])
        #expect(allowed(false, false, isPlain: true) == [false, false, false, false])
        #expect(allowed(false, true, isPlain: true) == [false, false, true, false])
        #expect(allowed(true, false, isPlain: true) == [false, true, true, false])
    }
}
