/// The masking of RFC 6455 §5.3, applied and removed alike, resumable at any byte.
struct WebSocketMask: Sendable, Equatable {
    /// The key for the next byte on, first byte lowest.
    private var key: UInt32

    /// - Parameter key: the four key bytes, the first one lowest.
    init(key: UInt32) {
        self.key = key
    }

    /// Masks `bytes[range]` in place and turns the key for what follows.
    mutating func apply(_ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range of the bytes")
        let wide = UInt64(key) | UInt64(key) << 32
        // SAFETY: the pointer is used only inside the closure, at offsets within the range, which is within the bytes.
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let raw = unsafe UnsafeMutableRawPointer(start + range.lowerBound)
            let words = range.count / 8
            for index in 0..<words {
                let word = unsafe raw.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
                unsafe raw.storeBytes(of: word ^ UInt64(littleEndian: wide), toByteOffset: index &* 8, as: UInt64.self)
            }
            var rest = wide
            for index in words * 8..<range.count {
                unsafe start[range.lowerBound + index] ^= UInt8(truncatingIfNeeded: rest)
                rest >>= 8
            }
        }
        let turn = UInt32(range.count & 3) * 8
        if turn > 0 { key = key >> turn | key << (32 - turn) }
    }
}
