import COpenSSL

/// How OpenSSL asks for the key of a ticket.
enum TicketCallback {
    /// Where an SSL_CTX keeps the pointer to its `TLSTicketKeys`.
    static let keysIndex: Int32 = {
        let index = copenssl_ctx_new_ex_index()
        precondition(index >= 0, "OpenSSL has no memory for an index")
        return index
    }()

    static let function:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?,
            Int32
        ) -> Int32 = unsafe ticketKey

    // What the callback tells OpenSSL.
    static let failed: Int32 = -1
    static let unknown: Int32 = 0
    static let good: Int32 = 1
    static let goodAndRenew: Int32 = 2
}

// SAFETY: OpenSSL passes live objects and buffers of its contract's sizes; the context's extra data was set to a
// TLSTicketKeys that the session keeps alive through its TLSContext.
private func ticketKey(
    _ ssl: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ iv: UnsafeMutablePointer<UInt8>?,
    _ cipher: OpaquePointer?, _ mac: OpaquePointer?, _ sealing: Int32
) -> Int32 {
    guard let ssl = unsafe ssl, let name = unsafe name, let iv = unsafe iv, let cipher = unsafe cipher,
        let mac = unsafe mac,
        let data = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), TicketCallback.keysIndex)
    else { return TicketCallback.failed }
    let keys = unsafe Unmanaged<TLSTicketKeys>.fromOpaque(data).takeUnretainedValue()
    if sealing == 1 {
        let armed = unsafe keys.current.arm(cipher: cipher, mac: mac, name: name, iv: iv, sealing: true)
        return armed ? TicketCallback.good : TicketCallback.failed
    }
    // An unknown key means a full handshake, not an error.
    guard let (key, isCurrent) = unsafe keys.find(name) else { return TicketCallback.unknown }
    guard unsafe key.arm(cipher: cipher, mac: mac, name: name, iv: iv, sealing: false) else {
        return TicketCallback.failed
    }
    // RFC 8446 Appendix C.4: a TLS 1.3 client should not use a ticket twice, so each use earns a new one.
    let renew = unsafe !isCurrent || SSL_version(ssl) == TLS1_3_VERSION
    return renew ? TicketCallback.goodAndRenew : TicketCallback.good
}
