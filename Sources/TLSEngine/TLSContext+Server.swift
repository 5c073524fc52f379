import COpenSSL

extension TLSContext {
    /// A server's context from PEM files: the certificate with its chain (leaf first), and the private key, unencrypted.
    ///
    /// - Parameters:
    ///   - minimumVersion: TLS 1.3 is always offered.
    ///   - ticketKeys: the process's keys; give the same to every context, so that tickets survive a reload.
    public static func server(
        certificateChainFile: String, privateKeyFile: String, minimumVersion: TLSVersion = .tls12,
        ticketKeys: TLSTicketKeys
    ) throws(TLSConfigurationError) -> TLSContext {
        try server(
            certificateChainFile: certificateChainFile, privateKeyFile: privateKeyFile,
            parameters: TLSParameters(minimumVersion: minimumVersion), ticketKeys: ticketKeys)
    }

    static func server(
        certificateChainFile: String, privateKeyFile: String, parameters: TLSParameters, ticketKeys: TLSTicketKeys
    ) throws(TLSConfigurationError) -> TLSContext {
        let chain = try PEM.certificates(inFile: certificateChainFile)
        let key = try PEM.privateKey(inFile: privateKeyFile)
        let handle = SSLContextHandle(role: .server)
        try unsafe parameters.apply(to: handle.pointer)
        try install(chain, from: certificateChainFile, on: handle)
        try install(key, from: privateKeyFile, certificateFile: certificateChainFile, on: handle)
        unsafe ApplicationProtocol.select(on: handle.pointer)
        try enableTickets(ticketKeys, on: handle)
        return TLSContext(
            handle: handle, role: .server, certificateExpiresAt: chain.first?.expiresAt, ticketKeys: ticketKeys)
    }

    private static func install(
        _ chain: [Certificate], from file: String, on handle: borrowing SSLContextHandle
    ) throws(TLSConfigurationError) {
        for (index, certificate) in chain.enumerated() {
            ERR_clear_error()
            // SAFETY: both objects are alive; OpenSSL takes its own reference to the leaf, and one given to it here to
            // each other certificate.
            let installed: Bool
            if index == 0 {
                installed = unsafe SSL_CTX_use_certificate(handle.pointer, certificate.handle) == 1
            } else {
                unsafe X509_up_ref(certificate.handle)
                installed = unsafe copenssl_ctx_append_chain_certificate(handle.pointer, certificate.handle) == 1
                if !installed { unsafe X509_free(certificate.handle) }
            }
            guard installed else {
                let reason = OpenSSLErrors.text(OpenSSLErrors.take())
                throw TLSConfigurationError(file: file, reason: "certificate \(index + 1) cannot be used: \(reason)")
            }
        }
    }

    private static func install(
        _ key: PrivateKey, from file: String, certificateFile: String, on handle: borrowing SSLContextHandle
    ) throws(TLSConfigurationError) {
        ERR_clear_error()
        // SAFETY: both objects are alive; OpenSSL takes its own reference to the key. The order matters: with the
        // certificate in place, a key that does not belong to it is refused.
        let installed =
            unsafe SSL_CTX_use_PrivateKey(handle.pointer, key.handle) == 1
            && SSL_CTX_check_private_key(handle.pointer) == 1
        guard installed else {
            let code = OpenSSLErrors.take()
            let mismatch = [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH].contains(ERR_GET_REASON(code))
            throw TLSConfigurationError(
                file: file,
                reason: mismatch
                    ? "the private key does not belong to the certificate in \(certificateFile)"
                    : "the private key cannot be used: \(OpenSSLErrors.text(code))")
        }
    }

    /// Stateless resumption (RFC 5077; RFC 8446 §2.2) under shared keys, one ticket per TLS 1.3 handshake, and no early
    /// data: it could be replayed (RFC 8446 §8).
    private static func enableTickets(
        _ keys: TLSTicketKeys, on handle: borrowing SSLContextHandle
    ) throws(TLSConfigurationError) {
        // Sessions resume across contexts only if these name the same application.
        let application = [UInt8]("halley".utf8)
        // SAFETY: the context is alive; OpenSSL copies the id. `keys` outlives the SSL_CTX's users, because TLSContext
        // holds it, and each session its TLSContext.
        let enabled =
            unsafe SSL_CTX_set_session_id_context(handle.pointer, application, UInt32(application.count)) == 1
            && SSL_CTX_set_ex_data(
                handle.pointer, TicketCallback.keysIndex, Unmanaged.passUnretained(keys).toOpaque()) == 1
            && SSL_CTX_set_tlsext_ticket_key_evp_cb(handle.pointer, TicketCallback.function) == 1
            && SSL_CTX_set_num_tickets(handle.pointer, 1) == 1
            && SSL_CTX_set_max_early_data(handle.pointer, 0) == 1
        guard enabled else {
            throw TLSConfigurationError(
                reason: "session tickets cannot be enabled: \(OpenSSLErrors.text(OpenSSLErrors.take()))")
        }
        _ = unsafe SSL_CTX_set_timeout(handle.pointer, TLSTicketKeys.ticketLifetimeSeconds)
    }
}
