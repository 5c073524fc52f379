import WebSocketCodec

/// What the connections of the loop share for messages: compression, and memory for what is being composed. Confined to
/// the loop's thread.
final class EchoCodec {
    /// Longest message.
    static let messageBytesMax = 16 << 20
    /// The same where compression was agreed: what cannot be compressed grows a little, and is still to be echoed.
    static let compressedBytesMax = messageBytesMax + messageBytesMax / 64
    /// Memory for composing that is kept between messages.
    private static let composedBytesKept = 1 << 20

    let inflater = Inflater()
    private var deflaters: [UInt8: Deflater] = [:]
    /// The frame or response being composed.
    var composed: [UInt8] = []

    /// Composes a data frame, compressed if that was agreed.
    func compose(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>, deflate: PermessageDeflate?) {
        reset()
        guard let deflate else {
            WebSocketEncoder.appendFrame(opcode, payload, to: &composed)
            return
        }
        var compressed: [UInt8] = []
        deflater(windowBits: deflate.serverWindowBits).deflate(payload, to: &compressed)
        WebSocketEncoder.appendFrame(opcode, compressed.span, isCompressed: true, to: &composed)
    }

    /// Lends what was composed.
    func withComposed<Result>(_ body: (Span<UInt8>) -> Result) {
        // A reference of its own, so that nothing done in `body` can pull the bytes away.
        let lent = composed
        _ = body(lent.span)
    }

    /// Forgets what was composed.
    func reset() {
        if composed.capacity > Self.composedBytesKept {
            composed = []
        } else {
            composed.removeAll(keepingCapacity: true)
        }
    }

    private func deflater(windowBits: UInt8) -> Deflater {
        if let deflater = deflaters[windowBits] { return deflater }
        let deflater = Deflater(windowBits: Int(windowBits))
        deflaters[windowBits] = deflater
        return deflater
    }
}
