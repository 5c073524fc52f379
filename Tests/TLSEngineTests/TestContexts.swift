import Foundation

@testable import TLSEngine

/// Contexts over one development issue, made once for all tests.
enum TestContexts {
    private static let directory = ScratchDirectory()

    static let files: DevelopmentAuthority.Files = {
        atexit { try? FileManager.default.removeItem(atPath: TestContexts.directory.path) }
        do {
            return try DevelopmentAuthority.prepare(directory: directory.path)
        } catch {
            fatalError("no certificates for the tests: \(error)")
        }
    }()

    static func server(
        minimumVersion: TLSVersion = .tls12, ticketKeys: TLSTicketKeys = TLSTicketKeys()
    ) throws -> TLSContext {
        try TLSContext.server(
            certificateChainFile: files.certificateChain, privateKeyFile: files.privateKey,
            minimumVersion: minimumVersion, ticketKeys: ticketKeys)
    }

    static func client(_ version: TLSVersion? = nil) throws -> TLSContext {
        try TLSContext.client(
            trust: .authorityFile(files.authority), minimumVersion: version ?? .tls12,
            maximumVersion: version ?? .tls13)
    }

    /// A client whose offer is bent by the test.
    static func client(
        applicationProtocols: [UInt8]? = nil, _ change: (inout TLSParameters) -> Void = { _ in }
    ) throws -> TLSContext {
        var parameters = TLSParameters(minimumVersion: .tls12)
        change(&parameters)
        return try TLSContext.client(
            trust: .insecure, parameters: parameters, applicationProtocols: applicationProtocols)
    }
}
