import COpenSSL

extension TLSContext {
    /// A client's context, for load generators and tests. It offers `http/1.1` by ALPN and accepts session tickets.
    ///
    /// - Parameter maximumVersion: `.tls12` makes TLS 1.2 handshakes measurable.
    public static func client(
        trust: TLSTrust, minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion = .tls13
    ) throws(TLSConfigurationError) -> TLSContext {
        var parameters = TLSParameters(minimumVersion: minimumVersion)
        parameters.versionMax = maximumVersion.wireNumber
        return try client(trust: trust, parameters: parameters)
    }

    static func client(
        trust: TLSTrust, parameters: TLSParameters, applicationProtocols: [UInt8]? = nil
    ) throws(TLSConfigurationError) -> TLSContext {
        let handle = SSLContextHandle(role: .client)
        try unsafe parameters.apply(to: handle.pointer)
        try install(trust, on: handle)
        if let applicationProtocols {
            // SAFETY: OpenSSL copies the list within the call. An empty one offers nothing.
            _ = unsafe SSL_CTX_set_alpn_protos(
                handle.pointer, applicationProtocols, UInt32(applicationProtocols.count))
        } else {
            unsafe ApplicationProtocol.offer(on: handle.pointer)
        }
        return TLSContext(handle: handle, role: .client, verifiesPeer: trust != .insecure)
    }

    private static func install(
        _ trust: TLSTrust, on handle: borrowing SSLContextHandle
    ) throws(TLSConfigurationError) {
        guard case .authorityFile(let file) = trust else {
            unsafe SSL_CTX_set_verify(handle.pointer, SSL_VERIFY_NONE, nil)
            return
        }
        let authorities = try PEM.certificates(inFile: file)
        let store = unsafe SSL_CTX_get_cert_store(handle.pointer)
        for authority in authorities {
            // SAFETY: the store belongs to the context; it takes its own reference to the certificate.
            guard unsafe X509_STORE_add_cert(store, authority.handle) == 1 else {
                let reason = OpenSSLErrors.text(OpenSSLErrors.take())
                throw TLSConfigurationError(file: file, reason: "the authority cannot be used: \(reason)")
            }
        }
        unsafe SSL_CTX_set_verify(handle.pointer, SSL_VERIFY_PEER, nil)
    }
}
