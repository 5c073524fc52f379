import COpenSSL

/// Digests and message authentication codes. Any thread.
public enum Digest {
    public static let sha256Bytes = 32

    // SAFETY: fetched once and never freed; OpenSSL only reads it. Fetching anew for each digest costs more than a
    // short digest itself.
    nonisolated(unsafe) private static let sha256Algorithm: OpaquePointer = {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("OpenSSL offers no SHA-256")
        }
        return unsafe algorithm
    }()

    /// The 32 bytes of SHA-256.
    public static func sha256(_ bytes: RawSpan) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: sha256Bytes) { digest, count in
            // SAFETY: the span's own bounds; `digest` has room for 32 bytes, all of which are written.
            let done = unsafe bytes.withUnsafeBytes { bytes in
                unsafe EVP_Digest(bytes.baseAddress, bytes.count, digest.baseAddress, nil, sha256Algorithm, nil)
            }
            precondition(done == 1, "OpenSSL cannot compute SHA-256")
            count = sha256Bytes
        }
    }

    public static func sha256(_ bytes: [UInt8]) -> [UInt8] { unsafe sha256(bytes.span.bytes) }

    /// SHA-256 of the text's UTF-8.
    public static func sha256(_ text: String) -> [UInt8] { sha256([UInt8](text.utf8)) }

    /// The 32 bytes of HMAC-SHA256 (RFC 2104).
    public static func hmacSHA256(key: [UInt8], _ bytes: RawSpan) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: sha256Bytes) { code, count in
            // SAFETY: as above. OpenSSL takes a nil key as "the key before", so an empty one gets an address.
            let done = unsafe key.withUnsafeBytes { key in
                unsafe bytes.withUnsafeBytes { bytes in
                    var none: UInt8 = 0
                    return unsafe withUnsafePointer(to: &none) { none in
                        unsafe HMAC(
                            sha256Algorithm, key.baseAddress ?? UnsafeRawPointer(none), Int32(key.count),
                            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? none, bytes.count,
                            code.baseAddress, nil) != nil
                    }
                }
            }
            precondition(done, "OpenSSL cannot compute HMAC-SHA256")
            count = sha256Bytes
        }
    }

    public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        unsafe hmacSHA256(key: key, bytes.span.bytes)
    }
}
