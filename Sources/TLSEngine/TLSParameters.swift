import COpenSSL

/// What a context is willing to negotiate: Mozilla's "intermediate" recommendation without finite-field Diffie-Hellman.
/// As recommended there, the client's order of suites wins: among suites that are all good, it knows whether AES or
/// ChaCha20 is fast on its processor.
struct TLSParameters {
    var versionMin: Int32
    var versionMax: Int32 = TLS1_3_VERSION
    /// TLS 1.2: only ephemeral elliptic curves and authenticated encryption.
    var cipherList = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
        ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """
    var cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    var groups = "X25519:P-256:P-384"

    init(minimumVersion: TLSVersion) {
        versionMin = minimumVersion.wireNumber
    }

    /// Applies everything to a new SSL_CTX, overriding whatever the system's openssl.cnf says.
    func apply(to context: OpaquePointer) throws(TLSConfigurationError) {
        let applied =
            unsafe copenssl_ctx_set_versions(context, versionMin, versionMax) == 1
            && SSL_CTX_set_cipher_list(context, cipherList) == 1
            && SSL_CTX_set_ciphersuites(context, cipherSuites) == 1
            && copenssl_ctx_set_groups(context, groups) == 1
        guard applied else {
            throw TLSConfigurationError(
                reason: "OpenSSL refuses the TLS parameters: \(OpenSSLErrors.text(OpenSSLErrors.take()))")
        }
        unsafe copenssl_ctx_refuse_renegotiation_and_compression(context)
        unsafe copenssl_ctx_release_buffers(context)
        unsafe copenssl_ctx_disable_session_cache(context)
    }
}
