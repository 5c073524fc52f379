internal import CZlib

/// Undoes permessage-deflate, one whole message at a time. One per event loop, shared by its connections: as no context
/// is taken over, nothing is remembered between messages. Confined to its loop thread.
@safe public final class Inflater {
    /// zlib keeps a pointer back to this struct, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output: [UInt8] = []
    /// Kept between messages; a larger output is given back.
    private let keptBytesMax: Int

    /// - Parameter keptBytesMax: output memory kept between messages, in bytes.
    public init(keptBytesMax: Int = 64 * 1024) {
        self.keptBytesMax = keptBytesMax
        // SAFETY: allocated and initialised here, freed in deinit, never lent out. All null is what zlib asks for.
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // A window of 15 bits takes what any smaller one made.
        let result = unsafe halley_raw_inflate_init(stream, 15)
        precondition(result == Z_OK, "zlib has memory for a window")
    }

    deinit {
        // SAFETY: the stream was set up by init and is used nowhere else.
        unsafe inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Lends the first `count` bytes of the last message.
    public func withOutput<R, E: Error>(_ count: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        // A reference of its own, so that using the inflater inside `body` cannot pull the bytes away.
        let lent = output
        return try body(lent.span.extracting(0..<count))
    }

    /// Inflates one message and returns its length; its bytes stay in the output until the next call.
    /// - Parameters:
    ///   - compressed: the message's payload, frames joined.
    ///   - outputBytesMax: beyond it the message is too big, however small it came.
    public func inflate(_ compressed: Span<UInt8>, outputBytesMax: Int) throws(WebSocketFault) -> Int {
        // SAFETY: the stream is ours and set up.
        unsafe inflateReset(stream)
        if output.count > keptBytesMax { output = [] }
        var count = 0
        // RFC 7692 §7.2.2: the sender has taken these four bytes off the end.
        let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
        if try !feed(compressed, &count, outputBytesMax, isTail: false) {
            _ = try feed(tail.span, &count, outputBytesMax, isTail: true)
            // A message ends between two blocks (bit 7); inside one it has been cut.
            // SAFETY: the stream is ours.
            guard unsafe stream.pointee.data_type & 0x80 != 0 else { throw .corruptDeflate }
        }
        return count
    }

    /// Inflates one piece of input. True when it ended exactly with a final block, which makes the tail superfluous.
    private func feed(
        _ input: Span<UInt8>, _ count: inout Int, _ outputBytesMax: Int, isTail: Bool
    ) throws(WebSocketFault) -> Bool {
        var consumed = 0
        var ended = false
        while consumed < input.count || (!isTail && !ended && count == output.count && count > 0) {
            if count == output.count { try grow(count, outputBytesMax) }
            let (result, read, written) = run(input, consumed, count)
            consumed += read
            count += written
            guard count <= outputBytesMax else { throw .messageTooBig }
            switch result {
            case Z_OK:
                ended = false
            case Z_STREAM_END:
                // RFC 7692 §7.2.3.5: a final block does not end the message.
                ended = true
                // SAFETY: the stream is ours.
                unsafe inflateReset(stream)
            case Z_BUF_ERROR where written == 0 && read == 0 && consumed == input.count:
                return false
            default:
                throw .corruptDeflate
            }
        }
        return ended
    }

    private func grow(_ count: Int, _ outputBytesMax: Int) throws(WebSocketFault) {
        // One byte over the limit shows that there is more.
        guard count <= outputBytesMax else { throw .messageTooBig }
        let size = min(max(4096, count * 2), outputBytesMax + 1)
        output.append(contentsOf: repeatElement(0, count: size - count))
    }

    private func run(_ input: Span<UInt8>, _ consumed: Int, _ count: Int) -> (result: Int32, read: Int, written: Int) {
        // SAFETY: both pointers are used only inside the closures, with the lengths of what is left behind them; zlib
        // writes below next_out + avail_out and does not change the input.
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                let sourceCount = UInt32(clamping: source.count - consumed)
                let targetCount = UInt32(clamping: target.count - count)
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress.map { unsafe $0 + consumed })
                unsafe stream.pointee.avail_in = sourceCount
                unsafe stream.pointee.next_out = target.baseAddress.map { unsafe $0 + count }
                unsafe stream.pointee.avail_out = targetCount
                let result = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                let read = unsafe Int(sourceCount - stream.pointee.avail_in)
                let written = unsafe Int(targetCount - stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
                return (result, read, written)
            }
        }
    }
}
