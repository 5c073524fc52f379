internal import CZlib

/// Compresses whole messages for permessage-deflate with one window size. Meant to be made once per thread and window and
/// used for every message; no context is taken over from one to the next. Confined to its thread. About 270 KiB at 15
/// window bits, 140 KiB at 9.
@safe public final class Deflater {
    /// zlib keeps a pointer back to this struct, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    public let windowBits: Int

    /// - Parameters:
    ///   - windowBits: 9–15. RFC 7692 knows 8 as well, which zlib cannot do raw.
    ///   - level: 1 (fast) to 9 (small).
    public init(windowBits: Int, level: Int = 6) {
        precondition(windowBits >= 9 && windowBits <= 15, "a window of 9 to 15 bits")
        precondition(level >= 1 && level <= 9, "a level of 1 to 9")
        self.windowBits = windowBits
        // SAFETY: allocated and initialised here, freed in deinit, never lent out. All null is what zlib asks for.
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // zlib's default memory for a block, also with small windows: less makes it write worse blocks.
        let result = unsafe halley_raw_deflate_init(stream, Int32(level), Int32(windowBits), 8)
        precondition(result == Z_OK, "zlib has memory for a window")
    }

    deinit {
        // SAFETY: the stream was set up by init and is used nowhere else.
        unsafe deflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Appends the compressed payload of one message, ready to be framed with RSV1. It may be longer than the message.
    public func deflate(_ message: Span<UInt8>, to out: inout [UInt8]) {
        precondition(message.count <= Int(UInt32.max) / 2, "a message of less than 2 GiB")
        // SAFETY: the stream is ours and set up.
        unsafe deflateReset(stream)
        // SAFETY: as above.
        var room = unsafe Int(deflateBound(stream, UInt(message.count))) + 16
        var consumed = 0
        repeat {
            out.append(contentsOf: repeatElement(0, count: room))
            let (read, left) = run(message, consumed, &out, room)
            consumed += read
            out.removeLast(left)
            // Room left over proves that the flush is complete.
            if left > 0 { break }
            room = 64
        } while true
        precondition(consumed == message.count, "a flush takes all input")
        // RFC 7692 §7.2.1: the empty block 00 00 FF FF that ends a flush is left out. An empty message stays one byte 00.
        out.removeLast(4)
    }

    /// Deflates `message` from `consumed` on into the last `room` bytes of `out`; says how many of each were used and left.
    private func run(_ message: Span<UInt8>, _ consumed: Int, _ out: inout [UInt8], _ room: Int) -> (Int, Int) {
        // SAFETY: both pointers are used only inside the closures, with the lengths of what is behind them; zlib writes
        // below next_out + avail_out and does not change the input.
        unsafe message.withUnsafeBufferPointer { source in
            unsafe out.withUnsafeMutableBufferPointer { target in
                let sourceCount = UInt32(source.count - consumed)
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress.map { unsafe $0 + consumed })
                unsafe stream.pointee.avail_in = sourceCount
                unsafe stream.pointee.next_out = target.baseAddress.map { unsafe $0 + target.count - room }
                unsafe stream.pointee.avail_out = UInt32(room)
                let result = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                precondition(result == Z_OK || result == Z_BUF_ERROR, "a stream that was set up deflates")
                let read = unsafe Int(sourceCount - stream.pointee.avail_in)
                let left = unsafe Int(stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
                return (read, left)
            }
        }
    }
}
