import COpenSSL
import Glibc

/// One X.509 certificate. Confined to the thread that reads it.
@safe final class Certificate {
    // SAFETY: this object owns one reference.
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe X509_free(handle)
    }

    /// The end of validity, in seconds since 1970; nil when it cannot be expressed.
    var expiresAt: Int64? {
        // SAFETY: the time belongs to the certificate, which is alive; `parts` is filled in when 1 is returned.
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(X509_get0_notAfter(handle), &parts) == 1 else { return nil }
        return unsafe Int64(timegm(&parts))
    }

    /// Whether this certificate was signed with `issuer`'s key, and names it as its issuer.
    func isIssued(by issuer: Certificate) -> Bool {
        // SAFETY: both certificates are alive; the key belongs to the issuer.
        unsafe X509_check_issued(issuer.handle, handle) == X509_V_OK
            && X509_verify(handle, X509_get0_pubkey(issuer.handle)) == 1
    }

    /// Whether the certificate may be used for the DNS name or address.
    func isValid(for name: String) -> Bool {
        // SAFETY: the certificate is alive, the string is for the time of the call.
        unsafe X509_check_ip_asc(handle, name, 0) == 1 || X509_check_host(handle, name, 0, 0, nil) == 1
    }

    func belongs(to key: PrivateKey) -> Bool {
        // SAFETY: both objects are alive.
        unsafe X509_check_private_key(handle, key.handle) == 1
    }
}
