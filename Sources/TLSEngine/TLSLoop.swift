import COpenSSL

/// What the TLS sessions of one event loop share: the way OpenSSL reads and writes, and the output area.
/// Confined to its loop's thread.
///
/// Sessions have no buffers of their own: input is borrowed for one call, ciphertext is appended to `output`, which
/// the caller sends (or keeps elsewhere, when its socket is full) and consumes before it calls another session.
@safe public final class TLSLoop {
    /// Output space kept between calls; what a burst took beyond is given back by `consumeOutput`.
    public static let outputRetainedBytesMax = 256 * 1024
    private static let outputInitialBytes = 64 * 1024

    // SAFETY: allocated here, freed in deinit; every session that reaches it holds a reference to this loop.
    private let port: UnsafeMutablePointer<CiphertextPort>
    private let bio: OpaquePointer

    public init() {
        unsafe port = UnsafeMutablePointer<CiphertextPort>.allocate(capacity: 1)
        unsafe port.initialize(to: CiphertextPort(outputCapacity: Self.outputInitialBytes))
        unsafe bio = CiphertextBIO.make(over: port)
    }

    deinit {
        unsafe BIO_free(bio)
        unsafe port.pointee.output.deallocate()
        unsafe port.deinitialize(count: 1)
        unsafe port.deallocate()
    }

    /// The ciphertext appended since the last `consumeOutput`. The pointer is valid until the next call on this loop or
    /// on one of its sessions.
    public var output: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: port.pointee.output, count: port.pointee.outputBytes)
    }

    /// Whether there is anything to send.
    public var hasOutput: Bool { unsafe port.pointee.outputBytes > 0 }

    /// Empties the output area, after its bytes were sent or copied.
    public func consumeOutput() {
        unsafe port.pointee.outputBytes = 0
        if unsafe port.pointee.outputCapacity > Self.outputRetainedBytesMax {
            unsafe port.pointee.resize(to: Self.outputInitialBytes)
        }
    }

    /// Bytes of memory held for output.
    var outputCapacity: Int { unsafe port.pointee.outputCapacity }

    /// Makes `ssl` read from and write to this loop. OpenSSL takes over one reference.
    func attach(_ ssl: OpaquePointer) {
        unsafe BIO_up_ref(bio)
        unsafe SSL_set_bio(ssl, bio, bio)
    }

    /// Lends the bytes that the next OpenSSL calls may read.
    func lend(_ ciphertext: UnsafeRawBufferPointer) {
        unsafe port.pointee.input = ciphertext.baseAddress
        unsafe port.pointee.inputBytes = ciphertext.count
    }

    /// Takes back what OpenSSL has not read of the lent bytes.
    func reclaim() -> UnsafeRawBufferPointer {
        defer {
            unsafe port.pointee.input = nil
            unsafe port.pointee.inputBytes = 0
        }
        return unsafe UnsafeRawBufferPointer(start: port.pointee.input, count: port.pointee.inputBytes)
    }

    /// Whether OpenSSL has read all that was lent.
    var inputIsUsedUp: Bool { unsafe port.pointee.inputBytes == 0 }
}
