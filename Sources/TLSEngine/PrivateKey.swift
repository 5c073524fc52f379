import COpenSSL

/// One private key. Confined to the thread that reads or makes it; OpenSSL wipes it when the last user lets go.
@safe final class PrivateKey {
    // SAFETY: this object owns one reference.
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_PKEY_free(handle)
    }

    /// A new key on the curve P-256.
    static func makeP256() -> PrivateKey {
        guard let made = unsafe copenssl_generate_p256_key() else {
            preconditionFailure("OpenSSL cannot make a P-256 key")
        }
        return unsafe PrivateKey(owning: made)
    }
}
