import Reactor
import Testing

@testable import GatewayServer

@Suite struct AddressLimitsTests {
    private let here = SocketAddress.loopback(port: 1)
    private let there = SocketAddress.ipv4(address: 0x7F00_0002, port: 1)

    @Test func connectionsAreBoundedInAllAndPerAddress() {
        let limits = AddressLimits(connectionsMax: 3, perAddressMax: 2, failuresPerMinute: 0)
        #expect(limits.enter(here))
        #expect(limits.enter(here))
        #expect(!limits.enter(here), "two of one address")
        #expect(limits.enter(there))
        #expect(!limits.enter(there), "three in all")
        limits.leave(here)
        #expect(limits.connections == 2)
        #expect(limits.enter(there))
    }

    @Test func aHostCountsByItsIPv6Network() {
        let limits = AddressLimits(connectionsMax: 0, perAddressMax: 1, failuresPerMinute: 0)
        #expect(limits.enter(.ipv6(high: 1, low: 1, port: 1, scope: 0)))
        #expect(!limits.enter(.ipv6(high: 1, low: 2, port: 1, scope: 0)))
        #expect(limits.enter(.ipv6(high: 2, low: 1, port: 1, scope: 0)))
    }

    @Test func unixPeersAreNotCounted() {
        let limits = AddressLimits(connectionsMax: 1, perAddressMax: 1, failuresPerMinute: 1)
        for _ in 0..<3 { #expect(limits.enter(.unix(path: ""))) }
        #expect(limits.connections == 0)
    }

    @Test func failedAttemptsRunOutAndComeBack() {
        let limits = AddressLimits(connectionsMax: 0, perAddressMax: 0, failuresPerMinute: 60)
        for _ in 0..<60 {
            #expect(limits.mayAuthenticate(here, nowMs: 0))
            limits.authenticationFailed(here, nowMs: 0)
        }
        #expect(!limits.mayAuthenticate(here, nowMs: 0))
        #expect(!limits.mayAuthenticate(here, nowMs: 999))
        #expect(limits.mayAuthenticate(here, nowMs: 1_000), "one a second")
        #expect(limits.mayAuthenticate(there, nowMs: 0), "others are not concerned")
    }
}
