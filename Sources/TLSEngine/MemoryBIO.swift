import COpenSSL

/// Text that OpenSSL reads or writes in memory. Confined to the function that makes it.
@safe struct MemoryBIO: ~Copyable {
    // SAFETY: this value owns the object.
    let handle: OpaquePointer

    /// An empty one, to be written to.
    init() {
        guard let made = unsafe BIO_new(BIO_s_mem()) else { preconditionFailure("OpenSSL has no memory for a BIO") }
        unsafe handle = made
    }

    /// One that reads a copy of `bytes`.
    init(_ bytes: [UInt8]) {
        self.init()
        guard !bytes.isEmpty else { return }
        // SAFETY: OpenSSL copies the bytes within the call.
        let written = unsafe BIO_write(handle, bytes, Int32(bytes.count))
        precondition(written == bytes.count, "OpenSSL has no memory for a BIO")
    }

    deinit {
        unsafe BIO_free(handle)
    }

    /// What was written.
    var text: String {
        var start: UnsafeMutablePointer<CChar>?
        // SAFETY: OpenSSL gives the place and length of the BIO's own memory, which lives until the BIO changes.
        let count = unsafe copenssl_bio_memory(handle, &start)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
