import Reactor
import TLSEngine
import Testing

@testable import GatewayServer

@Suite struct StreamTransportTests {
    private static func contexts(_ version: TLSVersion?) throws -> TestTLS? {
        try version.map { try TestTLS($0) }
    }

    private static let versions: [TLSVersion?] = [nil, .tls12, .tls13]

    private func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test(arguments: versions)
    func bytesArriveInOrderBothWays(version: TLSVersion?) throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(Self.contexts(version))
        wire.settle()
        #expect(wire.ends[client].isEstablished == true)
        #expect(wire.ends[server].isEstablished == (version != nil))
        wire.write(client, pattern(100_000))
        wire.write(server, pattern(70_000))
        wire.settle()
        #expect(wire.ends[server].received == pattern(100_000))
        #expect(wire.ends[client].received == pattern(70_000))
        #expect(wire.ends[client].transport.session?.protocolVersion == version)
    }

    @Test func idleTransportOwnsNoBuffer() throws {
        #expect(MemoryLayout<StreamTransport>.size <= 64)
        let wire = try Wire()
        let (client, server) = try wire.connect(TestTLS(.tls13))
        wire.settle()
        wire.write(client, pattern(50_000))
        wire.settle()
        #expect(wire.ends[client].transport.unsent.allocatedBytes == 0)
        #expect(wire.ends[server].transport.unsent.allocatedBytes == 0)
    }

    @Test func manyWritesOfOneTickBecomeOneRecord() throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(TestTLS(.tls13))
        wire.settle()
        for _ in 0..<50 { wire.append(server, pattern(200)) }
        wire.flush(server)
        // What lies in the socket: a header of five bytes, then as many as it says.
        var raw = ScratchBuffer(capacity: 65_536)
        let result = raw.withFreeBytes { Syscall.receive(wire.ends[client].transport.descriptor, into: &$0) }
        guard case .received(let count) = result else {
            Issue.record("nothing was sent")
            return
        }
        raw.advance(by: count)
        let recordBytes = raw.withBytes { 5 + Int($0[3]) << 8 + Int($0[4]) }
        #expect(recordBytes == count)
        #expect(count > 10_000)
    }

    @Test(arguments: versions)
    func whatAFullSocketRefusesIsKeptInOrderAndTimed(version: TLSVersion?) throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(Self.contexts(version))
        wire.settle()
        let message = pattern(3_000_000)
        wire.write(server, message)
        #expect(wire.ends[server].transport.isBlocked == true)
        #expect(wire.ends[server].transport.unsentCount > 0)
        #expect(wire.ends[server].transport.stalledSinceMs == wire.streams.clock.nowMs)
        // More goes behind it, gathered or not.
        wire.append(server, [1, 2])
        wire.flush(server)
        wire.settle()
        #expect(wire.ends[client].received.count == message.count + 2)
        #expect(wire.ends[client].received == message + [1, 2])
        #expect(wire.ends[server].transport.isBlocked == false)
        #expect(wire.ends[server].transport.stalledSinceMs == nil)
        #expect(wire.ends[server].transport.unsent.allocatedBytes == 0)
    }

    @Test(arguments: versions)
    func eachDirectionEndsOnItsOwn(version: TLSVersion?) throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(Self.contexts(version))
        wire.settle()
        wire.write(client, [1])
        wire.finish(client)
        wire.settle()
        #expect(wire.ends[server].received == [1])
        #expect(wire.ends[server].end == .closed)
        #expect(wire.ends[server].transport.isFinished == false)
        wire.write(server, [2, 3])
        wire.settle()
        #expect(wire.ends[client].received == [2, 3])
        #expect(wire.ends[client].end == nil)
        wire.finish(server)
        #expect(wire.ends[server].transport.isFinished == true)
        wire.settle()
        #expect(wire.ends[client].end == .closed)
        #expect(wire.ends[client].transport.isFinished == true)
    }

    @Test(arguments: versions)
    func endComesAfterEverythingThatWaited(version: TLSVersion?) throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(Self.contexts(version))
        wire.settle()
        let message = pattern(2_000_000)
        wire.append(server, [7])
        wire.write(server, message)
        wire.finish(server)
        wire.write(server, [9])
        #expect(wire.ends[server].transport.isBlocked == true)
        wire.settle()
        #expect(wire.ends[client].received == [7] + message)
        #expect(wire.ends[client].end == .closed)
    }

    @Test func tlsStreamThatStopsWithoutCloseNotifyIsTruncated() throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(TestTLS(.tls13))
        wire.settle()
        wire.write(client, [5])
        _ = wire.ends.remove(client)
        wire.settle()
        #expect(wire.ends[server].received == [5])
        #expect(wire.ends[server].end == .truncated)
    }

    @Test func somethingOtherThanTLSFailsTheHandshake() throws {
        let wire = try Wire()
        var pair = try Syscall.socketPair()
        let plain = try wire.attach(connecting: pair.takeFirst(), nil)
        let server = try wire.attach(accepted: pair.takeSecond(), TestTLS(.tls13).server)
        wire.settle()
        wire.write(plain, Array("GET / HTTP/1.1\r\n\r\n".utf8))
        wire.settle()
        guard case .failed(.tls(let failure)) = wire.ends[server].end else {
            Issue.record("the server took it for TLS")
            return
        }
        #expect(failure.kind == .notTLS)
        #expect(wire.ends[server].transport.isFinished == true)
    }

    @Test func peerThatLeavesDuringItsHandshakeFinishesTheTransport() throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(TestTLS(.tls13))
        _ = wire.ends.remove(client)
        wire.settle()
        #expect(wire.ends[server].end == .truncated)
        #expect(wire.ends[server].transport.isFinished == true)
    }

    @Test(arguments: versions)
    func pausedReaderLeavesBytesInTheKernelUntilItResumes(version: TLSVersion?) throws {
        let wire = try Wire()
        let (client, server) = try wire.connect(Self.contexts(version))
        wire.settle()
        wire.ends[server].transport.pauseReading(in: wire.streams)
        wire.write(client, [1, 2, 3])
        wire.settle()
        #expect(wire.ends[server].received == [])
        wire.ends[server].transport.resumeReading(in: wire.streams)
        wire.settle()
        #expect(wire.ends[server].received == [1, 2, 3])
    }

    @Test func writingToAPeerThatIsGoneFailsOnceAndThenDoesNothing() throws {
        let wire = try Wire()
        let (client, server) = try wire.connect()
        wire.settle()
        _ = wire.ends.remove(client)
        #expect(wire.ends[server].transport.write([1].span, in: wire.streams) == .system(32))
        #expect(wire.ends[server].transport.write([1].span, in: wire.streams) == nil)
        #expect(wire.ends[server].transport.isFinished == true)
    }

    @Test func refusedConnectEndsWithItsError() throws {
        let address = try ListeningSocket.tcp(.loopback(port: 0), shards: 1)[0].address
        let wire = try Wire()
        guard let descriptor = try? Connector.start(to: address) else { return }
        let client = try wire.attach(connecting: descriptor, nil)
        _ = wire.streams.poller.wait(timeoutMs: 5000)
        wire.settle()
        #expect(wire.ends[client].end == .failed(.system(111)))
    }
}
