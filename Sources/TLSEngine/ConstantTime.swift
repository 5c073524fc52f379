import COpenSSL

/// Comparison whose duration tells nothing about where secrets differ.
public enum ConstantTime {
    /// Lengths are not secret: different ones are unequal at once.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe equal(left.span.bytes, right.span.bytes)
    }

    public static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        // SAFETY: both spans have the compared length.
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe left.count == 0 || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
