public import ChatModel
internal import JSONCodec

/// A frame from a client, decoded and bounded (protocol.md §3). Value; nothing of it points into the receive buffer.
public enum ClientFrame: Sendable {
    case auth(AuthFrame)
    case ping
    case typing(receiver: Receiver, started: Bool, metadata: JSONBytes?)
    case transient(receiver: Receiver, data: JSONBytes)
    case receipt(ReceiptKind, receiver: Receiver, messageID: Int64)
    case message(ref: String?, MessageDraft)
    case appState(AppState)
    /// A type this gateway does not know, cut to 64 characters: answered with an `error` frame, not counted as bad.
    case unknown(type: String, ref: String?)

    /// Decodes one text frame. Strict about what it reads, and blind to what it does not know. Any thread.
    public static func decode(_ bytes: [UInt8], limits: Limits) throws(FrameRefusal) -> ClientFrame {
        // SAFETY: bytes have no padding.
        try unsafe decode(bytes.span.bytes, limits: limits)
    }

    /// Decodes one text frame from where it was received.
    public static func decode(_ bytes: RawSpan, limits: Limits) throws(FrameRefusal) -> ClientFrame {
        if isUsualPing(bytes) { return .ping }
        return try JSONReader.read(bytes) { (reader: inout JSONReader) throws(FrameRefusal) in
            var envelope = FrameEnvelope()
            do throws(JSONError) { try envelope.read(&reader) } catch {
                throw FrameRefusal(JSONReader.malformed(error))
            }
            return try envelope.frame(&reader, limits)
        }
    }

    /// Pings are most of what clients send, and nearly all of them in these very bytes.
    private static func isUsualPing(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount == usualPing.count else { return false }
        for offset in 0..<usualPing.count
        where bytes.byte(at: offset) != usualPing[offset] {
            return false
        }
        return true
    }

    private static let usualPing = Array(#"{"action":"ping","ack":"true"}"#.utf8)
}

extension RawSpan {
    fileprivate func byte(at offset: Int) -> UInt8 {
        // SAFETY: the load is bounds-checked, and every bit pattern is a byte.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
