import Foundation
import Testing

@testable import TLSEngine

@Suite struct ConfigurationTests {
    private let scratch = ScratchDirectory()

    init() throws {
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = "\(scratch.path)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func error(certificate: String, key: String) -> TLSConfigurationError? {
        do throws(TLSConfigurationError) {
            _ = try TLSContext.server(
                certificateChainFile: certificate, privateKeyFile: key, ticketKeys: TLSTicketKeys())
            return nil
        } catch {
            return error
        }
    }

    @Test func aMissingFileIsNamed() throws {
        let files = TestContexts.files
        #expect(
            error(certificate: "/nowhere/a.pem", key: files.privateKey)
                == TLSConfigurationError(file: "/nowhere/a.pem", reason: "No such file or directory"))
        #expect(
            error(certificate: files.certificateChain, key: "/nowhere/a.key")
                == TLSConfigurationError(file: "/nowhere/a.key", reason: "No such file or directory"))
    }

    @Test func aFileWithoutPEMIsNamed() throws {
        let files = TestContexts.files
        let empty = try file("empty.pem", "hello\n")
        #expect(
            error(certificate: empty, key: files.privateKey)
                == TLSConfigurationError(file: empty, reason: "holds no PEM certificate"))
        #expect(
            error(certificate: files.certificateChain, key: empty)
                == TLSConfigurationError(file: empty, reason: "holds no PEM private key"))
        #expect(
            error(certificate: files.privateKey, key: files.privateKey)
                == TLSConfigurationError(file: files.privateKey, reason: "holds no PEM certificate"))
    }

    @Test func aDamagedFileIsNamed() throws {
        let files = TestContexts.files
        let chain = try String(contentsOfFile: files.certificateChain, encoding: .utf8)
        let damagedChain = try file(
            "damaged.pem", chain + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        let error1 = error(certificate: damagedChain, key: files.privateKey)
        #expect(error1?.file == damagedChain)
        #expect(error1?.reason.hasPrefix("certificate 3 is damaged") == true)
        let damagedKey = try file("damaged.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        let error2 = error(certificate: files.certificateChain, key: damagedKey)
        #expect(error2?.file == damagedKey)
        #expect(error2?.reason.hasPrefix("the private key is damaged") == true)
    }

    @Test func aKeyOfAnotherCertificateIsRefused() throws {
        let files = TestContexts.files
        let foreign = try file("foreign.key", DevelopmentAuthority.issue().privateKey)
        #expect(
            error(certificate: files.certificateChain, key: foreign)
                == TLSConfigurationError(
                    file: foreign,
                    reason: "the private key does not belong to the certificate in \(files.certificateChain)"))
    }

    @Test func anEncryptedKeyIsRefusedWithoutAsking() throws {
        // P-256, PKCS #8, AES-256-CBC; its passphrase does not matter.
        let encrypted = try file("encrypted.key", encryptedKey)
        #expect(
            error(certificate: TestContexts.files.certificateChain, key: encrypted)
                == TLSConfigurationError(
                    file: encrypted, reason: "the private key is encrypted; only a plain one can be used"))
    }

    @Test func aClientsMissingAuthorityIsNamed() {
        #expect(throws: TLSConfigurationError(file: "/nowhere/ca.pem", reason: "No such file or directory")) {
            try TLSContext.client(trust: .authorityFile("/nowhere/ca.pem"))
        }
    }

    @Test func theEndOfTheCertificateIsTold() throws {
        let expiry = try #require(try TestContexts.server().certificateExpiresAt)
        let days = (Double(expiry) - Date().timeIntervalSince1970) / 86_400
        #expect(days > 364 && days < 366)
    }

    @Test func versionsAreSpelledAsConfigured() {
        #expect(TLSVersion(rawValue: "1.2") == .tls12)
        #expect(TLSVersion(rawValue: "1.3") == .tls13)
        #expect(TLSVersion(rawValue: "1.1") == nil)
    }
}

private let encryptedKey = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAisna41xUft/wICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKRt6QymphJP9GtsvS2QqkEEgZD7
    W7ekFIxM7C0bx6UzdBgtR271nd7hwb8JQh8Q9/8Pl+TVzeiqrnZsvzh0z1xw5i58
    JSRGPI82dYupkktHUhuYrMwRETQK/++1NY2tVwoR24WsYzkz3lx8xIl7fvtXCuPI
    sJ/L+mBPurg9Dhxg3P6mysz9jgdyeZ1c7ENLFlnG4M9XXLbhi/Kbzvihik0dB2U=
    -----END ENCRYPTED PRIVATE KEY-----
    """
