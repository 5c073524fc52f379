import COpenSSL

/// Unpredictable bytes from OpenSSL's generator. Any thread.
public enum SecureRandom {
    /// Fills the whole buffer. Stops the process when the system has no randomness: nothing safe could follow.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        // SAFETY: the buffer's own bounds.
        let filled = unsafe RAND_bytes(start.assumingMemoryBound(to: UInt8.self), Int32(buffer.count))
        precondition(filled == 1, "the system gives no random bytes")
    }

    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
        return bytes
    }

    /// A new secret for a URL or header: `byteCount` random bytes as base64url text (32 bytes are 43 characters).
    public static func token(byteCount: Int = 32) -> String {
        Base64URL.encode(bytes(byteCount))
    }
}
