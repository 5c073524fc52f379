import Reactor
import Testing

@testable import GatewayServer

@Suite struct AddressLimitsTests {
    private let here = SocketAddress.loopback(port: 1)
    private let there = SocketAddress.ipv4(address: 0x7F00_0002, port: 1)

    @Test func connectionsAreBoundedInAllAndPerAddress() {
        let limits = AddressLimits(.init(connections: 3, connectionsPerAddress: 2))
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
        let limits = AddressLimits(.init(connectionsPerAddress: 1))
        #expect(limits.enter(.ipv6(high: 1, low: 1, port: 1, scope: 0)))
        #expect(!limits.enter(.ipv6(high: 1, low: 2, port: 1, scope: 0)))
        #expect(limits.enter(.ipv6(high: 2, low: 1, port: 1, scope: 0)))
    }

    @Test func unixPeersAreNotCounted() {
        let limits = AddressLimits(.init(connections: 1, connectionsPerAddress: 1, failuresPerMinute: 1))
        for _ in 0..<3 { #expect(limits.enter(.unix(path: ""))) }
        #expect(limits.connections == 0)
    }

    @Test func failedAttemptsRunOutAndComeBack() {
        let limits = AddressLimits(.init(failuresPerMinute: 60))
        for _ in 0..<60 {
            #expect(limits.waitBeforeAttempt(here, nowMs: 0) == nil)
            limits.authenticationFailed(here, nowMs: 0)
        }
        #expect(limits.waitBeforeAttempt(here, nowMs: 0) == 1_000)
        #expect(limits.waitBeforeAttempt(here, nowMs: 999) == 1)
        #expect(limits.waitBeforeAttempt(here, nowMs: 1_000) == nil, "one a second")
        #expect(limits.waitBeforeAttempt(there, nowMs: 0) == nil, "others are not concerned")
    }

    @Test func attemptsThatFailedTogetherCostNoMoreThanAMinute() {
        let limits = AddressLimits(.init(failuresPerMinute: 2))
        for _ in 0..<100 { limits.authenticationFailed(here, nowMs: 0) }
        #expect(limits.waitBeforeAttempt(here, nowMs: 0) == 30_000)
    }

    @Test func addressesThatFailAreForgottenPastTheBound() {
        let limits = AddressLimits(.init(failuresPerMinute: 1))
        for address in 0..<UInt32(2 * AddressLimits.addressesMax) {
            limits.authenticationFailed(.ipv4(address: address, port: 1), nowMs: 0)
            #expect(limits.failingAddresses <= AddressLimits.addressesMax)
        }
        let latest = SocketAddress.ipv4(address: UInt32(2 * AddressLimits.addressesMax - 1), port: 1)
        #expect(limits.waitBeforeAttempt(latest, nowMs: 0) != nil, "the latest are kept")
        #expect(limits.waitBeforeAttempt(.ipv4(address: 0, port: 1), nowMs: 0) == nil, "the longest quiet are not")
    }

    @Test func boundsMayChangeWhileConnectionsAreOpen() {
        let limits = AddressLimits(AddressLimits.Bounds())
        #expect(limits.enter(here) && limits.enter(here))
        limits.bounds = .init(connectionsPerAddress: 2)
        #expect(!limits.enter(here), "those from before count")
        limits.leave(here)
        #expect(limits.enter(here))
        for _ in 0..<2 { limits.leave(here) }
        #expect(limits.connections == 0)
    }
}
