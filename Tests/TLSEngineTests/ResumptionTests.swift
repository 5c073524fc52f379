import Testing

@testable import TLSEngine

@Suite struct ResumptionTests {
    /// A full handshake, and what its client may resume with.
    private func resumption(_ client: TLSContext, _ server: TLSContext) throws -> TLSResumption {
        let wire = MemoryWire(client: client, server: server)
        wire.shakeHands()
        #expect(!wire.server.wasResumed)
        return try #require(wire.client.resumption())
    }

    private func resumes(_ client: TLSContext, _ server: TLSContext, _ resumption: TLSResumption) -> Bool {
        let wire = MemoryWire(client: client, server: server, resumption: resumption)
        wire.shakeHands()
        #expect(wire.client.isEstablished && wire.server.isEstablished)
        #expect(wire.client.wasResumed == wire.server.wasResumed)
        #expect(wire.send(.client, [1]) == .ok && wire.send(.server, [2]) == .ok)
        wire.run()
        #expect(wire.serverPlaintext == [1] && wire.clientPlaintext == [2])
        return wire.server.wasResumed
    }

    @Test(arguments: TLSVersion.allCases)
    func aTicketResumesAnyNumberOfTimes(version: TLSVersion) throws {
        let (client, server) = (try TestContexts.client(version), try TestContexts.server())
        let resumption = try resumption(client, server)
        for _ in 1...3 { #expect(resumes(client, server, resumption)) }
    }

    @Test func aResumed13SessionEarnsANewTicket() throws {
        let (client, server) = (try TestContexts.client(.tls13), try TestContexts.server())
        let first = try resumption(client, server)
        let wire = MemoryWire(client: client, server: server, resumption: first)
        wire.shakeHands()
        let second = try #require(wire.client.resumption())
        #expect(resumes(client, server, second))
    }

    @Test(arguments: TLSVersion.allCases)
    func ticketsSurviveAReloadThatKeepsTheKeys(version: TLSVersion) throws {
        let keys = TLSTicketKeys()
        let client = try TestContexts.client(version)
        let resumption = try resumption(client, try TestContexts.server(ticketKeys: keys))
        #expect(resumes(client, try TestContexts.server(ticketKeys: keys), resumption))
    }

    @Test(arguments: TLSVersion.allCases)
    func aTicketOfForeignKeysMeansAFullHandshake(version: TLSVersion) throws {
        let client = try TestContexts.client(version)
        let resumption = try resumption(client, try TestContexts.server())
        #expect(!resumes(client, try TestContexts.server(), resumption))
    }

    @Test(arguments: TLSVersion.allCases)
    func aTicketSurvivesOneRotationAndNotTwo(version: TLSVersion) throws {
        let keys = TLSTicketKeys()
        let (client, server) = (try TestContexts.client(version), try TestContexts.server(ticketKeys: keys))
        let resumption = try resumption(client, server)
        keys.rotate()
        #expect(resumes(client, server, resumption))
        keys.rotate()
        #expect(!resumes(client, server, resumption))
    }

    @Test func the13HandshakeSendsOneTicket() throws {
        let wire = MemoryWire(client: try TestContexts.client(.tls13), server: try TestContexts.server())
        wire.feed(.client, [])
        wire.feed(.server, wire.takeInFlight(to: .server))
        wire.feed(.client, wire.takeInFlight(to: .client))
        wire.feed(.server, wire.takeInFlight(to: .server))
        // What follows the client's Finished is exactly one record: application data by its outer type.
        let ticket = wire.takeInFlight(to: .client)
        try #require(ticket.count > 5)
        #expect(ticket[0] == 23)
        #expect(Int(ticket[3]) << 8 | Int(ticket[4]) == ticket.count - 5)
    }
}
