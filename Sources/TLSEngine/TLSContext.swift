import COpenSSL

/// What TLS sessions are made from: role, certificate, trust, parameters. Immutable once built, so any thread may make
/// sessions from it; a session keeps its context alive, so on reload a new context simply takes the old one's place.
@safe public final class TLSContext: Sendable {
    public enum Role: Sendable {
        case server
        case client
    }

    public let role: Role
    /// Server role: when its certificate ends, in seconds since 1970.
    public let certificateExpiresAt: Int64?
    /// Client role: whether the server's certificate and name are checked.
    let verifiesPeer: Bool
    /// Server role. Held here because OpenSSL's context only points to it.
    private let ticketKeys: TLSTicketKeys?

    // SAFETY: made and configured by the builders below, then only read; OpenSSL counts references atomically, and
    // making sessions from a shared SSL_CTX on several threads is within its contract.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Takes over `handle`, fully configured.
    init(
        handle: consuming SSLContextHandle, role: Role, certificateExpiresAt: Int64? = nil, verifiesPeer: Bool = false,
        ticketKeys: TLSTicketKeys? = nil
    ) {
        self.role = role
        self.certificateExpiresAt = certificateExpiresAt
        self.verifiesPeer = verifiesPeer
        self.ticketKeys = ticketKeys
        unsafe self.handle = handle.release()
    }

    deinit {
        unsafe SSL_CTX_free(handle)
    }
}

/// An SSL_CTX under construction: freed when building fails half-way.
@safe struct SSLContextHandle: ~Copyable {
    let pointer: OpaquePointer

    init(role: TLSContext.Role) {
        let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
        guard let made = unsafe SSL_CTX_new(method) else {
            preconditionFailure("OpenSSL has no memory for a context")
        }
        unsafe pointer = made
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    consuming func release() -> OpaquePointer {
        let released = unsafe pointer
        discard self
        return unsafe released
    }
}
