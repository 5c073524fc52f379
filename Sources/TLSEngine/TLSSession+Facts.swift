import COpenSSL

/// What was negotiated; for logs, metrics and tests. All nil or false before the handshake is complete.
extension TLSSession {
    public var protocolVersion: TLSVersion? {
        isEstablished ? unsafe TLSVersion(wireNumber: SSL_version(handle)) : nil
    }

    /// The suite's name in the IANA registry, such as `TLS_AES_128_GCM_SHA256`.
    public var cipherName: String? {
        // SAFETY: the names are static, terminated strings.
        guard isEstablished, let cipher = unsafe SSL_get_current_cipher(handle),
            let name = unsafe SSL_CIPHER_standard_name(cipher)
        else { return nil }
        return unsafe String(cString: name)
    }

    /// Whether an earlier session was resumed, so that no certificate was shown.
    public var wasResumed: Bool {
        unsafe isEstablished && SSL_session_reused(handle) == 1
    }

    /// The protocol agreed by ALPN; nil when the client offered none.
    public var applicationProtocol: String? {
        guard isEstablished else { return nil }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        // SAFETY: OpenSSL points into its own memory, copied here at once.
        unsafe SSL_get0_alpn_selected(handle, &name, &count)
        guard count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// Client role: what to resume this session with. With TLS 1.3, nil until the server's ticket has been received.
    public func resumption() -> TLSResumption? {
        guard context.role == .client, isEstablished, let session = unsafe SSL_get_session(handle),
            unsafe SSL_SESSION_is_resumable(session) == 1
        else { return nil }
        // A copy, because OpenSSL declares the session unusable when its connection ends without close_notify.
        // SAFETY: the session belongs to the SSL object; the copy comes with a reference of our own.
        guard let copy = unsafe SSL_SESSION_dup(session) else {
            preconditionFailure("OpenSSL has no memory for a session")
        }
        return unsafe TLSResumption(owning: copy)
    }
}
