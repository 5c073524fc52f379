/// A piece of raw memory made once and used again and again: filled from the front, emptied at once.
///
/// Confined to its owner's thread. Holds `count` bytes of `capacity`; nobody relies on what is in it between two uses.
@safe
public struct ScratchBuffer: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<UInt8>
    public let capacity: Int
    @usableFromInline var filled = 0
    /// Bytes filled.
    @inlinable public var count: Int { filled }

    public init(capacity: Int) {
        precondition(capacity > 0, "an empty buffer reads nothing")
        self.capacity = capacity
        // SAFETY: freed in deinit, never handed out beyond a closure but by `unsafeBytes`.
        unsafe base = .allocate(capacity: capacity)
        unsafe base.initialize(repeating: 0, count: capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Room behind the filled part.
    @inlinable public var freeCount: Int { capacity - count }

    /// All of the memory, filled or not. The caller keeps it within this buffer's life and one use.
    @unsafe
    public var unsafeBytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: capacity)
    }

    /// Forgets the contents.
    public mutating func removeAll() {
        filled = 0
    }

    /// Says that `n` more bytes have been filled in behind the filled part.
    public mutating func advance(by n: Int) {
        precondition(n >= 0 && n <= freeCount, "more filled than there was room")
        filled += n
    }

    /// Appends if all of it fits; false, and nothing changed, if not.
    public mutating func append(_ bytes: Span<UInt8>) -> Bool {
        if bytes.count > freeCount { return false }
        // SAFETY: room was checked; a span cannot overlap a buffer that is being mutated.
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe (base + count).update(from: start, count: source.count) }
        }
        filled += bytes.count
        return true
    }

    /// Lends the filled part.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: `count` bytes are initialised and stay so while `self` is borrowed.
        try body(unsafe Span(_unsafeStart: base, count: count))
    }

    /// Lends the filled part, to be changed in place (unmasking).
    @inlinable
    public mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: as above, and nobody else has access during the call.
        var span = unsafe MutableSpan(_unsafeStart: base, count: count)
        return try body(&span)
    }

    /// Lends the room behind the filled part; follow with `advance`.
    @inlinable
    public mutating func withFreeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the room lies inside the allocation, which was zeroed, and nobody else has access during the call.
        var span = unsafe MutableSpan(_unsafeStart: base + count, count: freeCount)
        return try body(&span)
    }
}

/// The buffers one loop lends to whichever connection is being served, so that a connection at rest owns none.
///
/// Confined to the loop's thread.
public final class LoopBuffers {
    /// What a `recv` fills.
    public var receive: ScratchBuffer
    /// What decryption fills, and a protocol reads.
    public var plaintext: ScratchBuffer
    /// What is gathered for one connection to become one record.
    public var cork: ScratchBuffer

    /// 64 KiB take several full TLS records at a time; their plaintext may come with that of one more, begun earlier.
    public init(receiveBytes: Int = 65_536, plaintextBytes: Int = 81_920, corkBytes: Int = 65_536) {
        receive = ScratchBuffer(capacity: receiveBytes)
        plaintext = ScratchBuffer(capacity: plaintextBytes)
        cork = ScratchBuffer(capacity: corkBytes)
    }
}
