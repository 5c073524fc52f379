import Foundation
import Reactor
import TLSEngine

@testable import GatewayServer

/// One end of a connection under test, and what it has been told.
struct Endpoint: ~Copyable {
    var transport: StreamTransport
    var received: [UInt8] = []
    var isEstablished = false
    var end: TransportEnd?

    init(_ transport: consuming StreamTransport) {
        self.transport = transport
    }
}

/// A loop on the test's own thread with both ends of several connections: what an event loop does, a turn at a time.
final class Wire {
    let streams: TransportLoop
    var ends = Slab<Endpoint>()

    init(handshakesPerTick: Int = 8) throws {
        streams = TransportLoop(
            poller: try Poller(), clock: LoopClock(), buffers: LoopBuffers(), handshakesPerTick: handshakesPerTick)
    }

    /// Two connected ends; TLS if contexts are given.
    func connect(_ contexts: TestTLS? = nil) throws -> (client: SlabID, server: SlabID) {
        var pair = try Syscall.socketPair()
        let client = try attach(connecting: pair.takeFirst(), contexts?.client)
        let server = try attach(accepted: pair.takeSecond(), contexts?.server)
        return (client, server)
    }

    func attach(connecting descriptor: consuming Descriptor, _ context: TLSContext?) throws -> SlabID {
        let session = context.map { TLSSession(context: $0, loop: streams.tls, serverName: "localhost") }
        var waiting: Descriptor? = consume descriptor
        return try ends.insert { id throws(SystemError) in
            Endpoint(
                try StreamTransport(
                    connecting: waiting.take()!, token: PollToken(id), session: session, in: streams))
        }
    }

    func attach(accepted descriptor: consuming Descriptor, _ context: TLSContext?) throws -> SlabID {
        var waiting: Descriptor? = consume descriptor
        return try ends.insert { id throws(SystemError) in
            Endpoint(
                try StreamTransport(accepted: waiting.take()!, token: PollToken(id), context: context, in: streams))
        }
    }

    /// One iteration without sleeping; false when nothing happened.
    @discardableResult
    func turn() -> Bool {
        let count = streams.poller.wait(timeoutMs: 0)
        for index in 0..<count {
            let event = streams.poller.event(at: index)
            let id = event.token.slabID
            guard ends.contains(id) else { continue }
            note(id, ends[id].transport.ready(event.events, in: streams))
        }
        var began = false
        while let token = streams.nextHandshake() {
            began = true
            let id = token.slabID
            guard ends.contains(id) else { continue }
            note(id, ends[id].transport.beginHandshake(in: streams))
        }
        return count > 0 || began
    }

    private func note(_ id: SlabID, _ input: TransportInput) {
        if input.count > 0 {
            streams.buffers.plaintext.withBytes { bytes in
                for index in bytes.indices { ends[id].received.append(bytes[index]) }
            }
        }
        if input.isNewlyEstablished { ends[id].isEstablished = true }
        if let end = input.end, ends[id].end == nil { ends[id].end = end }
    }

    /// Turns until nothing happens. Local sockets deliver within the call that sends, so this is a settled state; an end
    /// that is gone for good keeps reporting, hence the bound.
    func settle(turnsMax: Int = 2000) {
        var turns = 0
        while turns < turnsMax, turn() { turns += 1 }
    }

    func append(_ id: SlabID, _ bytes: [UInt8]) {
        ends[id].transport.append(bytes.span, in: streams)
    }

    func flush(_ id: SlabID) {
        ends[id].transport.flush(in: streams)
    }

    func write(_ id: SlabID, _ bytes: [UInt8]) {
        ends[id].transport.write(bytes.span, in: streams)
    }

    func finish(_ id: SlabID) {
        ends[id].transport.finish(in: streams)
    }
}

/// Contexts over one development issue, made once for all tests.
struct TestTLS: Sendable {
    let client: TLSContext
    let server: TLSContext

    private static let files: DevelopmentAuthority.Files = {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "halley-wire-\(UUID().uuidString)")
        do {
            return try DevelopmentAuthority.prepare(directory: directory.path)
        } catch {
            fatalError("no certificates for the tests: \(error)")
        }
    }()

    init(_ version: TLSVersion) throws {
        client = try .client(
            trust: .authorityFile(Self.files.authority), minimumVersion: version, maximumVersion: version)
        server = try .server(
            certificateChainFile: Self.files.certificateChain, privateKeyFile: Self.files.privateKey,
            ticketKeys: TLSTicketKeys())
    }
}
