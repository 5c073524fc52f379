import COpenSSL
import Testing

@testable import TLSEngine

/// One at a time, for each looks at the memory of the whole process.
@Suite(.serialized) struct MemoryTests {
    /// Bytes in use by the whole process.
    private func bytesInUse() -> Int { Int(copenssl_heap_bytes_in_use()) }

    @Test(arguments: TLSVersion.allCases)
    func anIdleEstablishedSessionKeepsNoBuffers(version: TLSVersion) throws {
        let (client, server) = (try TestContexts.client(version), try TestContexts.server())
        let loop = TLSLoop()
        let pairs = 300
        var wires: [MemoryWire] = []
        wires.reserveCapacity(pairs)
        func add() {
            let wire = MemoryWire(client: client, server: server, loop: loop)
            wire.shakeHands()
            wire.send(.server, [UInt8](repeating: 1, count: 10_000))
            wire.send(.client, [UInt8](repeating: 1, count: 10_000))
            wire.run()
            wire.forgetPlaintext()
            wires.append(wire)
        }
        add()
        let before = bytesInUse()
        for _ in 2...pairs { add() }
        let perPair = (bytesInUse() - before) / (pairs - 1)
        // Two sessions and the test's own wire; other tests allocate meanwhile. With buffers it would be over 80 KB.
        #expect(perPair < 44_000)
        #expect(wires.allSatisfy { $0.server.isEstablished })
    }
}
