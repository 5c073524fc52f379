import COpenSSL
import Testing

@testable import TLSEngine

@Suite struct RecordTests {
    private func establishedWire(_ version: TLSVersion) throws -> MemoryWire {
        let wire = MemoryWire(client: try TestContexts.client(version), server: try TestContexts.server())
        wire.shakeHands()
        try #require(wire.client.isEstablished && wire.server.isEstablished)
        return wire
    }

    @Test(arguments: TLSVersion.allCases)
    func oneSendIsOneRecord(version: TLSVersion) throws {
        let wire = try establishedWire(version)
        wire.send(.server, [UInt8](repeating: 7, count: 204))
        let record = wire.takeInFlight(to: .client)
        #expect(record[0] == 23)
        #expect(Int(record[3]) << 8 | Int(record[4]) == record.count - 5)
    }

    @Test(arguments: TLSVersion.allCases)
    func largePlaintextTakesSeveralRecords(version: TLSVersion) throws {
        let wire = try establishedWire(version)
        let bytes = SecureRandom.bytes(1_000_000)
        #expect(wire.send(.server, bytes) == .ok)
        wire.chunkBytes = 65_536
        wire.run()
        #expect(wire.clientPlaintext == bytes)
    }

    @Test func theOutputAreaGivesABurstsMemoryBack() throws {
        let wire = try establishedWire(.tls13)
        let burst = [UInt8](repeating: 1, count: 1_000_000)
        #expect(unsafe burst.withUnsafeBytes { unsafe wire.server.send($0) } == .ok)
        #expect(wire.loop.hasOutput && wire.loop.outputCapacity > burst.count)
        wire.loop.consumeOutput()
        #expect(!wire.loop.hasOutput && wire.loop.outputCapacity <= TLSLoop.outputRetainedBytesMax)
    }

    @Test func aSmallPlaintextBufferIsFilledAgainAndAgain() throws {
        let wire = try establishedWire(.tls13)
        let bytes = SecureRandom.bytes(40_000)
        wire.plaintextBytes = 100
        wire.send(.client, bytes)
        wire.run()
        #expect(wire.serverPlaintext == bytes)
    }

    @Test func ciphertextThatDoesNotFitIsLeftToTheCaller() throws {
        let wire = try establishedWire(.tls13)
        for byte in 1...3 as ClosedRange<UInt8> { wire.send(.client, [byte]) }
        let bytes = wire.takeInFlight(to: .server)
        var plaintext: [UInt8] = [0]
        // SAFETY: both arrays live for the calls.
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes
            unsafe plaintext.withUnsafeMutableBytes { buffer in
                for byte in 1...3 as ClosedRange<UInt8> {
                    let before = rest.count
                    let result = unsafe wire.server.receive(&rest, into: buffer)
                    #expect(result == .plaintext(count: 1, more: byte < 3))
                    #expect(unsafe buffer[0] == byte)
                    #expect(rest.count < before)
                }
                #expect(unsafe rest.isEmpty)
            }
        }
    }

    @Test func anEmptySendMakesNoRecord() throws {
        let wire = try establishedWire(.tls13)
        #expect(wire.send(.server, []) == .ok)
        #expect(wire.takeInFlight(to: .client).isEmpty)
    }

    @Test(arguments: TLSVersion.allCases)
    func aFlippedBitAnywhereFailsWithAnAlert(version: TLSVersion) throws {
        for position in [5, 12, 30, 60, -1] {
            let wire = try establishedWire(version)
            wire.send(.client, [UInt8](repeating: 1, count: 100))
            var record = wire.takeInFlight(to: .server)
            record[position < 0 ? record.count - 1 : position] ^= 0x10
            wire.feed(.server, record)
            #expect(wire.serverEnd?.failureKind == .corruptRecord)
            wire.run()
            #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_BAD_RECORD_MAC)))
            guard case .failed(let failure)? = wire.serverEnd else { continue }
            #expect(wire.send(.server, [1]) == .failed(failure))
            #expect(!wire.server.isEstablished)
        }
    }

    @Test(arguments: TLSVersion.allCases)
    func bytesMissingFromTheMiddleFailWithAnAlert(version: TLSVersion) throws {
        let wire = try establishedWire(version)
        for _ in 1...2 { wire.send(.client, [UInt8](repeating: 1, count: 100)) }
        var records = wire.takeInFlight(to: .server)
        records.remove(at: 50)
        wire.feed(.server, records)
        #expect(wire.serverEnd?.failureKind == .corruptRecord)
        wire.run()
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_BAD_RECORD_MAC)))
    }

    @Test func goodRecordsBeforeABadOneAreDelivered() throws {
        let wire = try establishedWire(.tls13)
        wire.send(.client, [1, 2, 3])
        wire.send(.client, [4, 5, 6])
        var records = wire.takeInFlight(to: .server)
        records[records.count - 1] ^= 1
        wire.feed(.server, records)
        #expect(wire.serverPlaintext == [1, 2, 3])
        #expect(wire.serverEnd?.failureKind == .corruptRecord)
    }

    @Test func aRecordOverTheLimitIsRefused() throws {
        let wire = try establishedWire(.tls13)
        wire.feed(.server, [23, 3, 3, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 200))
        #expect(wire.serverEnd?.failureKind == .corruptRecord)
    }

    @Test(arguments: TLSVersion.allCases, MemoryWire.Side.allCases)
    func closeNotifyIsToldAndAnswered(version: TLSVersion, first: MemoryWire.Side) throws {
        let wire = try establishedWire(version)
        let second: MemoryWire.Side = first == .client ? .server : .client
        wire.send(first, [1, 2])
        wire.close(first)
        #expect(wire.send(first, [3]) == .failed(TLSFailure(kind: .closedLocally)))
        wire.run()
        #expect((second == .client ? wire.clientPlaintext : wire.serverPlaintext) == [1, 2])
        #expect((second == .client ? wire.clientEnd : wire.serverEnd) == .closed)
        #expect(wire.session(second).receivedCloseNotify)
        #expect(!wire.session(first).receivedCloseNotify)
        wire.close(second)
        wire.close(second)
        wire.run()
        #expect((first == .client ? wire.clientEnd : wire.serverEnd) == .closed)
        #expect(wire.session(first).receivedCloseNotify)
    }

    @Test func afterOurCloseThePeersLastBytesStillArrive() throws {
        let wire = try establishedWire(.tls13)
        wire.close(.server)
        wire.send(.client, [9])
        wire.feed(.server, wire.takeInFlight(to: .server))
        #expect(wire.serverPlaintext == [9])
    }

    @Test func closeBeforeTheHandshakeSendsNothing() throws {
        let wire = MemoryWire(client: try TestContexts.client(), server: try TestContexts.server())
        wire.close(.server)
        #expect(wire.takeInFlight(to: .client).isEmpty)
    }

    @Test func keyUpdateIsAnswered() throws {
        let wire = try establishedWire(.tls13)
        for _ in 1...3 {
            #expect(unsafe SSL_key_update(wire.client.handle, SSL_KEY_UPDATE_REQUESTED) == 1)
            wire.send(.client, [1])
            wire.run()
            wire.send(.server, [2])
            wire.run()
        }
        #expect(wire.serverPlaintext == [1, 1, 1])
        #expect(wire.clientPlaintext == [2, 2, 2])
    }

    @Test func sessionsOfOneLoopMayInterleaveTheirHandshakes() throws {
        let (client, server) = (try TestContexts.client(), try TestContexts.server())
        let loop = TLSLoop()
        let wires = (1...5).map { _ in MemoryWire(client: client, server: server, loop: loop) }
        for wire in wires { wire.feed(.client, []) }
        for wire in wires { wire.feed(.server, wire.takeInFlight(to: .server)) }
        for wire in wires.reversed() { wire.feed(.client, wire.takeInFlight(to: .client)) }
        for wire in wires { wire.run() }
        for (index, wire) in wires.enumerated() { wire.send(.client, [UInt8(index)]) }
        for (index, wire) in wires.enumerated() {
            wire.run()
            #expect(wire.serverPlaintext == [UInt8(index)])
        }
    }
}
