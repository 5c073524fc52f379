/// Bytes that have to wait: what a full socket did not take, or the first part of a frame.
///
/// Confined to its connection's thread. Eight bytes while empty: it allocates with the first byte and frees with the
/// last, so only a connection in trouble pays. It has no bound of its own; whoever appends checks `count` first.
@safe
public struct ByteQueue: ~Copyable {
    /// At the start of the allocation; the bytes follow.
    private struct Header {
        var capacity: Int
        var head: Int
        var tail: Int
    }

    private static var headerBytes: Int { MemoryLayout<Header>.stride }
    private static var capacityMin: Int { 512 - headerBytes }

    private var block: UnsafeMutableRawPointer?

    public init() {
        unsafe block = nil
    }

    deinit {
        unsafe block?.deallocate()
    }

    // SAFETY of this file: `block`, if any, begins with an initialised Header, and 0 ≤ head ≤ tail ≤ capacity; the
    // allocation is headerBytes + capacity long, bytes head..<tail are initialised. Only these methods touch it.

    private var header: Header {
        get { unsafe block!.load(as: Header.self) }
        set { unsafe block!.storeBytes(of: newValue, as: Header.self) }
    }

    /// Bytes waiting.
    public var count: Int {
        if unsafe block == nil { return 0 }
        let header = header
        return header.tail - header.head
    }

    public var isEmpty: Bool { unsafe block == nil }

    /// Memory owned, for accounting.
    public var allocatedBytes: Int {
        unsafe block == nil ? 0 : header.capacity + Self.headerBytes
    }

    /// Adds at the end.
    public mutating func append(_ bytes: Span<UInt8>) {
        if bytes.count == 0 { return }
        reserve(bytes.count)
        var header = header
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe (block! + Self.headerBytes + header.tail)
                .copyMemory(from: source.baseAddress!, byteCount: source.count)
        }
        header.tail += bytes.count
        self.header = header
    }

    /// Drops the first `n` bytes; with the last one, the memory.
    public mutating func consume(_ n: Int) {
        precondition(n >= 0 && n <= count, "more consumed than there was")
        if n == count {
            removeAll()
        } else {
            header.head += n
        }
    }

    /// Drops everything, and the memory.
    public mutating func removeAll() {
        unsafe block?.deallocate()
        unsafe block = nil
    }

    /// Lends what waits.
    @inlinable
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let start = unsafe start else { return try body(Span()) }
        return try body(unsafe Span(_unsafeStart: start, count: count))
    }

    /// Lends what waits, to be changed in place (unmasking).
    @inlinable
    public mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let start = unsafe start else {
            var nothing = MutableSpan<UInt8>()
            return try body(&nothing)
        }
        var span = unsafe MutableSpan(_unsafeStart: start, count: count)
        return try body(&span)
    }

    @usableFromInline
    var start: UnsafeMutablePointer<UInt8>? {
        unsafe block.map { unsafe ($0 + Self.headerBytes + header.head).assumingMemoryBound(to: UInt8.self) }
    }

    /// Makes room for `n` bytes at the end: by moving to the front when at least half is free there (so that moving stays
    /// cheaper than what was consumed), else by doubling.
    private mutating func reserve(_ n: Int) {
        guard let old = unsafe block else {
            allocate(capacity: max(n, Self.capacityMin))
            return
        }
        let header = header
        if header.capacity - header.tail >= n { return }
        let count = header.tail - header.head
        if count + n <= header.capacity, header.head >= header.capacity / 2 {
            unsafe (old + Self.headerBytes).copyMemory(from: old + Self.headerBytes + header.head, byteCount: count)
            self.header = Header(capacity: header.capacity, head: 0, tail: count)
            return
        }
        allocate(capacity: max(count + n, header.capacity * 2))
        unsafe (block! + Self.headerBytes).copyMemory(from: old + Self.headerBytes + header.head, byteCount: count)
        self.header.tail = count
        unsafe old.deallocate()
    }

    private mutating func allocate(capacity: Int) {
        unsafe block = .allocate(byteCount: Self.headerBytes + capacity, alignment: 16)
        header = Header(capacity: capacity, head: 0, tail: 0)
    }
}
