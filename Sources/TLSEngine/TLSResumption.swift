import COpenSSL

/// What a client keeps of one session to open the next with less work. Any thread; usable any number of times.
@safe public final class TLSResumption: Sendable {
    // SAFETY: never changed after init; each use works on a duplicate, because OpenSSL marks a TLS 1.3 session as spent.
    nonisolated(unsafe) private let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe SSL_SESSION_free(handle)
    }

    /// Offers this session on a client's `ssl` whose handshake has not begun.
    func offer(on ssl: OpaquePointer) {
        // SAFETY: `ssl` takes its own reference to the duplicate.
        guard let duplicate = unsafe SSL_SESSION_dup(handle) else {
            preconditionFailure("OpenSSL has no memory for a session")
        }
        unsafe SSL_set_session(ssl, duplicate)
        unsafe SSL_SESSION_free(duplicate)
    }
}
