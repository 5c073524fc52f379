import COpenSSL
import Testing

@testable import TLSEngine

@Suite struct HandshakeTests {
    @Test(arguments: TLSVersion.allCases)
    func bothVersionsAreSpokenWithAnAuthenticatedSuite(version: TLSVersion) throws {
        let wire = MemoryWire(client: try TestContexts.client(version), server: try TestContexts.server())
        wire.shakeHands()
        for session in [wire.client, wire.server] {
            #expect(session.isEstablished)
            #expect(session.protocolVersion == version)
            #expect(session.applicationProtocol == "http/1.1")
            #expect(!session.wasResumed)
        }
        #expect(wire.server.cipherName?.contains("GCM") == true)
        #expect(wire.server.cipherName == wire.client.cipherName)
    }

    @Test(arguments: TLSVersion.allCases, [1, 2, 3, 5, 7, 64, 333, 1_000])
    func handshakeAndRecordsSurviveEverySplit(version: TLSVersion, chunkBytes: Int) throws {
        let wire = MemoryWire(client: try TestContexts.client(version), server: try TestContexts.server())
        wire.chunkBytes = chunkBytes
        wire.shakeHands()
        #expect(wire.client.isEstablished && wire.server.isEstablished)
        let question = SecureRandom.bytes(3_000)
        let answer = SecureRandom.bytes(5_000)
        #expect(wire.send(.client, question) == .ok)
        #expect(wire.send(.server, answer) == .ok)
        wire.run()
        #expect(wire.serverPlaintext == question)
        #expect(wire.clientPlaintext == answer)
    }

    @Test func applicationDataInTheHandshakesLastPacketIsDelivered() throws {
        let wire = MemoryWire(client: try TestContexts.client(.tls13), server: try TestContexts.server())
        wire.feed(.client, [])
        wire.feed(.server, wire.takeInFlight(to: .server))
        wire.feed(.client, wire.takeInFlight(to: .client))
        wire.send(.client, [1, 2, 3])
        wire.feed(.server, wire.takeInFlight(to: .server))
        #expect(wire.server.isEstablished)
        #expect(wire.serverPlaintext == [1, 2, 3])
    }

    @Test func minimumVersion13RefusesAClientOf12() throws {
        let wire = MemoryWire(
            client: try TestContexts.client(.tls12), server: try TestContexts.server(minimumVersion: .tls13))
        wire.shakeHands()
        #expect(wire.serverEnd?.failureKind == .noSharedVersion)
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_PROTOCOL_VERSION)))
    }

    @Test func version11IsRefused() throws {
        let client = try TestContexts.client {
            $0.versionMin = TLS1_1_VERSION
            $0.versionMax = TLS1_1_VERSION
            $0.cipherList = "ALL:@SECLEVEL=0"
        }
        let wire = MemoryWire(client: client, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.serverEnd?.failureKind == .noSharedVersion)
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_PROTOCOL_VERSION)))
    }

    @Test(arguments: ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-CCM"])
    func suitesOutsideTheListAreRefused(suite: String) throws {
        let client = try TestContexts.client {
            $0.versionMax = TLS1_2_VERSION
            $0.cipherList = suite
        }
        let wire = MemoryWire(client: client, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.serverEnd?.failureKind == .noSharedParameters)
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_HANDSHAKE_FAILURE)))
    }

    @Test(arguments: TLSVersion.allCases, ["P-521", "X448"])
    func groupsOutsideTheListAreRefused(version: TLSVersion, group: String) throws {
        let client = try TestContexts.client {
            $0.versionMin = version.wireNumber
            $0.versionMax = version.wireNumber
            $0.groups = group
        }
        let wire = MemoryWire(client: client, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.serverEnd?.failureKind == .noSharedParameters)
        #expect(wire.clientEnd?.failureKind == .alertReceived(UInt8(SSL_AD_HANDSHAKE_FAILURE)))
    }

    @Test(arguments: ["X25519", "P-256", "P-384"])
    func eachOfferedGroupWorksAlone(group: String) throws {
        let wire = MemoryWire(
            client: try TestContexts.client { $0.groups = group }, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.client.isEstablished && wire.server.isEstablished)
    }

    @Test(arguments: [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ])
    func theClientsChoiceOfSuiteWins(suite: String) throws {
        let client = try TestContexts.client {
            $0.cipherSuites = "\(suite):TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
        }
        let wire = MemoryWire(client: client, server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.server.cipherName == suite)
    }

    @Test(arguments: TLSVersion.allCases)
    func renegotiationIsRefused(version: TLSVersion) throws {
        let wire = MemoryWire(client: try TestContexts.client(version), server: try TestContexts.server())
        wire.shakeHands()
        // Our client context forbids it as well; the permission is lifted here to make a hostile client.
        unsafe SSL_clear_options(wire.client.handle, UInt64(1) << 30)
        let started = unsafe SSL_renegotiate(wire.client.handle)
        if version == .tls13 {
            #expect(started == 0)
            return
        }
        #expect(started == 1)
        wire.feed(.client, [0x17])
        wire.run()
        #expect(wire.serverPlaintext.isEmpty)
        #expect(wire.clientEnd != nil)
    }

    @Test func plainHTTPIsToldApart() throws {
        let wire = MemoryWire(client: try TestContexts.client(), server: try TestContexts.server())
        wire.feed(.server, [UInt8]("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(wire.serverEnd?.failureKind == .notTLS)
    }

    @Test func aHandshakeMessageOfImpossibleLengthIsRefused() throws {
        let wire = MemoryWire(client: try TestContexts.client(), server: try TestContexts.server())
        // A ClientHello that claims 16 MiB: refused by its length, not collected.
        wire.feed(.server, [0x16, 3, 1, 0, 4, 1, 0xFF, 0xFF, 0xFF])
        #expect(wire.serverEnd?.failureKind == .protocolViolation)
        #expect(!wire.takeInFlight(to: .client).isEmpty)
    }
}

extension TLSReceiveResult {
    var failureKind: TLSFailure.Kind? {
        if case .failed(let failure) = self { failure.kind } else { nil }
    }
}
