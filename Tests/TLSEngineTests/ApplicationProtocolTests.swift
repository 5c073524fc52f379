import COpenSSL
import Testing

@testable import TLSEngine

@Suite struct ApplicationProtocolTests {
    /// A list as ALPN carries it.
    private static func list(_ names: String...) -> [UInt8] {
        names.flatMap { [UInt8($0.utf8.count)] + [UInt8]($0.utf8) }
    }

    @Test func http11IsChosenWhereverItStands() throws {
        for offer in [Self.list("http/1.1"), Self.list("h2", "http/1.1"), Self.list("http/1.1", "h2")] {
            let wire = MemoryWire(
                client: try TestContexts.client(applicationProtocols: offer), server: try TestContexts.server())
            wire.shakeHands()
            #expect(wire.server.applicationProtocol == "http/1.1")
            #expect(wire.client.applicationProtocol == "http/1.1")
        }
    }

    @Test func withoutTheExtensionTheClientIsServed() throws {
        let wire = MemoryWire(
            client: try TestContexts.client(applicationProtocols: []), server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.server.isEstablished && wire.client.isEstablished)
        #expect(wire.server.applicationProtocol == nil)
    }

    @Test(arguments: TLSVersion.allCases)
    func onlyForeignProtocolsEndWithTheAlert(version: TLSVersion) throws {
        let client = try TestContexts.client(applicationProtocols: Self.list("h2", "http/1.0")) {
            $0.versionMax = version.wireNumber
        }
        let wire = MemoryWire(client: client, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.serverEnd?.failureKind == .noApplicationProtocol)
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_NO_APPLICATION_PROTOCOL)))
    }

    @Test func aListThatRunsOverItsEndHoldsNothing() {
        for list in [[], [9], [8] + [UInt8]("http/1.".utf8), [0, 0]] as [[UInt8]] {
            let found = unsafe list.withUnsafeBufferPointer { unsafe ApplicationProtocol.find(in: $0) }
            #expect(found == nil)
        }
    }
}
