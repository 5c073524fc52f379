import Foundation
import Testing

@testable import TLSEngine

@Suite struct DevelopmentAuthorityTests {
    private let scratch = ScratchDirectory()
    private var directory: String { scratch.path }

    private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test(arguments: DevelopmentAuthority.names)
    func aClientThatTrustsTheAuthorityAcceptsEachName(name: String) throws {
        let wire = MemoryWire(
            client: try TestContexts.client(), server: try TestContexts.server(), serverName: name)
        wire.shakeHands()
        #expect(wire.client.isEstablished && wire.server.isEstablished)
    }

    @Test(arguments: ["example.org", "127.0.0.2", "::2"])
    func otherNamesAreRefused(name: String) throws {
        let wire = MemoryWire(
            client: try TestContexts.client(), server: try TestContexts.server(), serverName: name)
        wire.shakeHands()
        #expect(wire.clientEnd?.failureKind == .certificateRejected)
        #expect(!wire.server.isEstablished)
    }

    @Test func anotherIssueIsNotTrusted() throws {
        let other = try DevelopmentAuthority.prepare(directory: directory)
        let wire = MemoryWire(
            client: try TLSContext.client(trust: .authorityFile(other.authority)), server: try TestContexts.server())
        wire.shakeHands()
        #expect(wire.clientEnd?.failureKind == .certificateRejected)
    }

    @Test func filesAreKeptWhileTheyAreGood() throws {
        let files = try DevelopmentAuthority.prepare(directory: directory)
        let before = try read(files.certificateChain)
        #expect(try DevelopmentAuthority.prepare(directory: directory) == files)
        #expect(try read(files.certificateChain) == before)
    }

    @Test func onlyTheOwnerReadsTheKey() throws {
        let files = try DevelopmentAuthority.prepare(directory: directory)
        let attributes = try FileManager.default.attributesOfItem(atPath: files.privateKey)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
                == ["ca.pem", "server.key", "server.pem"])
    }

    @Test(arguments: ["ca.pem", "server.pem", "server.key"])
    func aMissingOrForeignFileMeansANewIssue(name: String) throws {
        let files = try DevelopmentAuthority.prepare(directory: directory)
        let path = "\(directory)/\(name)"
        let first = try read(path)
        try FileManager.default.removeItem(atPath: path)
        _ = try DevelopmentAuthority.prepare(directory: directory)
        let second = try read(path)
        #expect(first != second)
        // The file of the first issue among those of the second.
        try first.write(toFile: path, atomically: true, encoding: .utf8)
        _ = try DevelopmentAuthority.prepare(directory: directory)
        #expect(try read(path) != first)
        _ = try TLSContext.server(
            certificateChainFile: files.certificateChain, privateKeyFile: files.privateKey, ticketKeys: TLSTicketKeys())
    }

    @Test func anEndingCertificateIsReplacedInTime() throws {
        let now: Int64 = 1_900_000_000
        let files = try DevelopmentAuthority.prepare(directory: directory, now: now)
        let first = try read(files.certificateChain)
        _ = try DevelopmentAuthority.prepare(directory: directory, now: now + 340 * 86_400)
        #expect(try read(files.certificateChain) == first)
        _ = try DevelopmentAuthority.prepare(directory: directory, now: now + 352 * 86_400)
        #expect(try read(files.certificateChain) != first)
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() {
        #expect(throws: TLSConfigurationError(file: "/nowhere/deep", reason: "No such file or directory")) {
            try DevelopmentAuthority.prepare(directory: "/nowhere/deep")
        }
    }
}
