import COpenSSL

/// The one protocol spoken above TLS here, and its negotiation by ALPN (RFC 7301).
enum ApplicationProtocol {
    static let name = "http/1.1"

    /// As ALPN lists it: a length byte, then the name.
    private static let offer = [UInt8(name.utf8.count)] + [UInt8](name.utf8)

    /// Client role: offers the protocol.
    static func offer(on context: OpaquePointer) {
        // SAFETY: OpenSSL copies the list within the call.
        let failed = unsafe SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count))
        precondition(failed == 0, "OpenSSL has no memory for the ALPN list")
    }

    /// Server role: takes the protocol from a client that offers it and sends no_application_protocol to one that
    /// offers only others. A client that offers nothing is served.
    static func select(on context: OpaquePointer) {
        unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    /// The offset of our name in the client's list; nil when it is not there. OpenSSL has checked the list's form; the
    /// bounds are checked again here all the same.
    static func find(in list: UnsafeBufferPointer<UInt8>) -> Int? {
        var offset = 0
        // SAFETY: every access is below `list.count`, and checked by the buffer in debug builds.
        while offset < list.count {
            let length = unsafe Int(list[offset])
            let start = offset + 1
            guard length <= list.count - start else { return nil }
            if unsafe list[start..<start + length].elementsEqual(name.utf8) { return start }
            offset = start + length
        }
        return nil
    }
}

// SAFETY: OpenSSL passes the client's list with its length, and places for the answer; the answer points into the
// list, which OpenSSL copies from before it lets go of it.
private func selectProtocol(
    _ ssl: OpaquePointer?, _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ selectedBytes: UnsafeMutablePointer<UInt8>?, _ list: UnsafePointer<UInt8>?, _ listBytes: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let selected = unsafe selected, let selectedBytes = unsafe selectedBytes, let list = unsafe list,
        let start = unsafe ApplicationProtocol.find(in: UnsafeBufferPointer(start: list, count: Int(listBytes)))
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    unsafe selected.pointee = unsafe list + start
    unsafe selectedBytes.pointee = UInt8(ApplicationProtocol.name.utf8.count)
    return SSL_TLSEXT_ERR_OK
}
