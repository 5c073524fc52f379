/// Writes frames. Stateless; any thread. Every frame written is final: what we send is never fragmented.
public enum WebSocketEncoder {
    /// Bytes of a server's frame header: 2, 4 or 10.
    public static func headerByteCount(payloadCount: Int) -> Int {
        payloadCount <= 125 ? 2 : payloadCount <= 0xFFFF ? 4 : 10
    }

    /// Writes a server's frame header at the front of `out` and returns its length.
    /// - Parameters:
    ///   - isCompressed: the payload came out of `Deflater` (RSV1); text and binary only.
    ///   - out: room for at least `headerByteCount` bytes.
    @discardableResult
    public static func writeHeader(
        _ opcode: WebSocketOpcode, payloadCount: Int, isCompressed: Bool = false, into out: inout MutableSpan<UInt8>
    ) -> Int {
        let count = headerByteCount(payloadCount: payloadCount)
        for index in 0..<count {
            out[index] = headerByte(index, count, opcode, payloadCount, isCompressed, isMasked: false)
        }
        return count
    }

    /// Appends a server's frame header.
    public static func appendHeader(
        _ opcode: WebSocketOpcode, payloadCount: Int, isCompressed: Bool = false, to out: inout [UInt8]
    ) {
        let count = headerByteCount(payloadCount: payloadCount)
        for index in 0..<count {
            out.append(headerByte(index, count, opcode, payloadCount, isCompressed, isMasked: false))
        }
    }

    /// Appends a server's frame.
    public static func appendFrame(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, isCompressed: Bool = false, to out: inout [UInt8]
    ) {
        precondition(!opcode.isControl || payload.count <= 125, "RFC 6455 §5.5: control frames hold 125 bytes at most")
        appendHeader(opcode, payloadCount: payload.count, isCompressed: isCompressed, to: &out)
        Octets.append(payload, to: &out)
    }

    /// Appends a client's frame.
    /// - Parameter maskingKey: fresh and unpredictable for every frame (RFC 6455 §10.3).
    public static func appendMaskedFrame(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, isCompressed: Bool = false, maskingKey: UInt32,
        to out: inout [UInt8]
    ) {
        precondition(!opcode.isControl || payload.count <= 125, "RFC 6455 §5.5: control frames hold 125 bytes at most")
        let count = headerByteCount(payloadCount: payload.count)
        for index in 0..<count {
            out.append(headerByte(index, count, opcode, payload.count, isCompressed, isMasked: true))
        }
        for index in 0..<4 { out.append(UInt8(truncatingIfNeeded: maskingKey >> UInt32(index * 8))) }
        let start = out.count
        Octets.append(payload, to: &out)
        var mask = WebSocketMask(key: maskingKey)
        let end = out.count
        var span = out.mutableSpan
        mask.apply(&span, start..<end)
    }

    /// Appends a server's close frame. Without a code it is empty; a reason over 123 bytes is cut at a character.
    public static func appendClose(_ code: WebSocketCloseCode?, reason: String = "", to out: inout [UInt8]) {
        let payload = closePayload(code, reason: reason)
        appendFrame(.close, payload.span, to: &out)
    }

    /// The payload of a close frame, for both roles.
    public static func closePayload(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        guard let code else { return [] }
        precondition(code.isAllowedOnWire, "a close code that may be sent")
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason.unicodeScalars {
            let bytes = UTF8.encode(character)!
            guard payload.count + bytes.count <= 125 else { break }
            payload.append(contentsOf: bytes)
        }
        return payload
    }

    /// The byte at `index` of a header of `count` bytes (without a masking key).
    private static func headerByte(
        _ index: Int, _ count: Int, _ opcode: WebSocketOpcode, _ payloadCount: Int, _ isCompressed: Bool, isMasked: Bool
    ) -> UInt8 {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        switch index {
        case 0: return 0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue
        case 1: return maskBit | (count == 2 ? UInt8(payloadCount) : count == 4 ? 126 : 127)
        default: return UInt8(truncatingIfNeeded: payloadCount >> ((count - 1 - index) * 8))
        }
    }
}
