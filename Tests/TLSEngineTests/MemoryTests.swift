import COpenSSL
import Glibc
import Testing

@testable import TLSEngine

@Suite struct MemoryTests {
    /// Bytes in use by the whole process.
    private static func bytesInUse() -> Int { Int(copenssl_heap_bytes_in_use()) }

    /// What 300 connected pairs hold at rest, of which each is two sessions and the test's own wire.
    private static func bytesPerPair(_ version: TLSVersion) throws -> Int {
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
        guard wires.allSatisfy({ $0.server.isEstablished }) else { exit(2) }
        return perPair
    }

    /// In a process of its own, as what is measured is all of its memory. With buffers it would be over 80 KB.
    @Test func anIdleEstablishedSessionKeepsNoBuffers() async {
        await #expect(processExitsWith: .success) {
            for version in TLSVersion.allCases {
                let perPair = try Self.bytesPerPair(version)
                #expect(perPair < 44_000, "\(version)")
                if perPair >= 44_000 { exit(1) }
            }
        }
    }
}
