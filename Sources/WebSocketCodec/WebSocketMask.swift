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
        let end = range.upperBound
        var index = range.lowerBound
        // SAFETY: any value is a byte.
        var raw = unsafe bytes.mutableBytes
        while index + 8 <= end {
            // SAFETY: index + 8 lies within the range, which lies within the bytes, checked above.
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            unsafe raw.storeBytes(
                of: word ^ UInt64(littleEndian: wide), toUncheckedByteOffset: index, as: UInt64.self)
            index += 8
        }
        var rest = wide
        while index < end {
            // SAFETY: index lies within the range.
            let byte = unsafe raw.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            unsafe raw.storeBytes(
                of: byte ^ UInt8(truncatingIfNeeded: rest), toUncheckedByteOffset: index, as: UInt8.self)
            rest >>= 8
            index += 1
        }
        let turn = UInt32(range.count & 3) * 8
        if turn > 0 { key = key >> turn | key << (32 - turn) }
    }
}
