import COpenSSL
import Glibc

/// Where OpenSSL's bytes come from and go to: the input lent for one call and the output area of one loop.
/// Plain memory behind a pointer, so that the callbacks cost no reference counting. Confined to the loop's thread.
@unsafe struct CiphertextPort {
    /// Lent by the caller of one `TLSSession` method; nil between calls.
    var input: UnsafeRawPointer?
    var inputBytes = 0
    var output: UnsafeMutableRawPointer
    var outputBytes = 0
    var outputCapacity: Int

    // SAFETY for this type: `output` always points to `outputCapacity` bytes, of which `outputBytes` are initialised;
    // `input` points to `inputBytes` readable bytes, guaranteed by the caller that lent them.

    init(outputCapacity: Int) {
        unsafe self.output = UnsafeMutableRawPointer.allocate(byteCount: outputCapacity, alignment: 16)
        unsafe self.outputCapacity = outputCapacity
    }

    /// Copies up to `count` bytes of the input to `target`; 0 when the input is used up.
    mutating func take(into target: UnsafeMutableRawPointer, count: Int) -> Int {
        guard let source = unsafe input, unsafe inputBytes > 0 else { return 0 }
        let taken = unsafe min(count, inputBytes)
        unsafe target.copyMemory(from: source, byteCount: taken)
        unsafe input = source + taken
        unsafe inputBytes -= taken
        return taken
    }

    mutating func append(_ bytes: UnsafeRawPointer, count: Int) {
        if unsafe outputCapacity - outputBytes < count { unsafe grow(by: count) }
        unsafe (output + outputBytes).copyMemory(from: bytes, byteCount: count)
        unsafe outputBytes += count
    }

    private mutating func grow(by count: Int) {
        unsafe resize(to: max(outputCapacity * 2, outputBytes + count))
    }

    mutating func resize(to capacity: Int) {
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        unsafe moved.copyMemory(from: output, byteCount: outputBytes)
        unsafe output.deallocate()
        unsafe output = moved
        unsafe outputCapacity = capacity
    }
}

/// The BIO (OpenSSL's I/O object) over a `CiphertextPort`. One serves all sessions of a loop: it holds nothing of a
/// session, for the port is loaded before and emptied after each call.
enum CiphertextBIO {
    // SAFETY: made once, never changed or freed afterwards; OpenSSL only reads it.
    nonisolated(unsafe) private static let method: OpaquePointer = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ciphertext port"),
            unsafe BIO_meth_set_read_ex(method, readCiphertext) == 1,
            unsafe BIO_meth_set_write_ex(method, writeCiphertext) == 1,
            unsafe BIO_meth_set_ctrl(method, controlCiphertext) == 1
        else { preconditionFailure("OpenSSL has no memory for a BIO method") }
        return unsafe method
    }()

    /// A BIO with one reference, to be given up with `BIO_free`. The port must outlive all references.
    static func make(over port: UnsafeMutablePointer<CiphertextPort>) -> OpaquePointer {
        guard let bio = unsafe BIO_new(method) else { preconditionFailure("OpenSSL has no memory for a BIO") }
        unsafe BIO_set_data(bio, port)
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }
}

// SAFETY for the callbacks: OpenSSL passes the BIO made above, whose data is the loop's port; the loop outlives every
// session that holds the BIO. Pointers and counts describe OpenSSL's own buffers for the time of the call.

private func readCiphertext(
    _ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ count: Int, _ taken: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let bio = unsafe bio, let target = unsafe target, let taken = unsafe taken,
        let data = unsafe BIO_get_data(bio)
    else { return -1 }
    let port = unsafe data.assumingMemoryBound(to: CiphertextPort.self)
    unsafe taken.pointee = unsafe port.pointee.take(into: target, count: count)
    guard unsafe taken.pointee > 0 else {
        unsafe copenssl_bio_want_read(bio)
        return -1
    }
    unsafe copenssl_bio_no_retry(bio)
    return 1
}

private func writeCiphertext(
    _ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int, _ written: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let bio = unsafe bio, let bytes = unsafe bytes, let written = unsafe written,
        let data = unsafe BIO_get_data(bio)
    else { return -1 }
    let port = unsafe data.assumingMemoryBound(to: CiphertextPort.self)
    unsafe copenssl_bio_no_retry(bio)
    unsafe port.pointee.append(bytes, count: count)
    unsafe written.pointee = count
    return 1
}

private func controlCiphertext(
    _ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ pointer: UnsafeMutableRawPointer?
) -> Int {
    // A flush is done when asked for; everything else (end of file, kernel TLS, chain changes) does not apply.
    command == BIO_CTRL_FLUSH ? 1 : 0
}
