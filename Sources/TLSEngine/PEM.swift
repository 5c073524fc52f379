import COpenSSL

/// Certificates and keys in PEM files, with errors an operator can act on.
enum PEM {
    /// All certificates of a file, in order; at least one.
    static func certificates(inFile file: String) throws(TLSConfigurationError) -> [Certificate] {
        let text = try SmallFile.read(file)
        do throws(TLSConfigurationError) {
            return try certificates(in: text)
        } catch {
            throw TLSConfigurationError(file: file, reason: error.reason)
        }
    }

    /// The first private key of a file.
    static func privateKey(inFile file: String) throws(TLSConfigurationError) -> PrivateKey {
        var text = try SmallFile.read(file)
        defer { unsafe text.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        do throws(TLSConfigurationError) {
            return try privateKey(in: text)
        } catch {
            throw TLSConfigurationError(file: file, reason: error.reason)
        }
    }

    static func certificates(in text: [UInt8]) throws(TLSConfigurationError) -> [Certificate] {
        ERR_clear_error()
        let reader = MemoryBIO(text)
        var found: [Certificate] = []
        // SAFETY: the BIO is alive; each certificate comes with a reference of its own.
        while let certificate = unsafe PEM_read_bio_X509(reader.handle, nil, nil, nil) {
            found.append(unsafe Certificate(owning: certificate))
        }
        // The end of the file is told as "no start line"; anything else is a damaged certificate.
        let code = OpenSSLErrors.take()
        guard isNoStartLine(code) else {
            throw TLSConfigurationError(
                reason: "certificate \(found.count + 1) is damaged: \(OpenSSLErrors.text(code))")
        }
        guard !found.isEmpty else { throw TLSConfigurationError(reason: "holds no PEM certificate") }
        return found
    }

    static func privateKey(in text: [UInt8]) throws(TLSConfigurationError) -> PrivateKey {
        // OpenSSL's own words for this case ("unsupported") help nobody.
        guard String(decoding: text, as: UTF8.self).contains("PRIVATE KEY-----") else {
            throw TLSConfigurationError(reason: "holds no PEM private key")
        }
        ERR_clear_error()
        let reader = MemoryBIO(text)
        var asked = false
        // SAFETY: the BIO is alive; `asked` outlives the call that passes it to the callback.
        let key = unsafe withUnsafeMutablePointer(to: &asked) { asked in
            unsafe PEM_read_bio_PrivateKey(reader.handle, nil, refusePassphrase, asked)
        }
        if let key = unsafe key { return unsafe PrivateKey(owning: key) }
        let code = OpenSSLErrors.take()
        if asked { throw TLSConfigurationError(reason: "the private key is encrypted; only a plain one can be used") }
        throw TLSConfigurationError(reason: "the private key is damaged: \(OpenSSLErrors.text(code))")
    }

    static func encode(_ certificate: Certificate) -> String {
        let writer = MemoryBIO()
        // SAFETY: both objects are alive.
        let written = unsafe PEM_write_bio_X509(writer.handle, certificate.handle)
        precondition(written == 1, "OpenSSL cannot write a certificate")
        return writer.text
    }

    static func encode(_ key: PrivateKey) -> String {
        let writer = MemoryBIO()
        // SAFETY: both objects are alive; no cipher, so no passphrase.
        let written = unsafe PEM_write_bio_PKCS8PrivateKey(writer.handle, key.handle, nil, nil, 0, nil, nil)
        precondition(written == 1, "OpenSSL cannot write a private key")
        return writer.text
    }

    private static func isNoStartLine(_ code: UInt) -> Bool {
        ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
    }
}

/// Without this, OpenSSL would ask for the passphrase on the terminal.
// SAFETY: the last argument is the flag passed along by `PEM.privateKey`.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ writing: Int32, _ asked: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}
