/// The 2 to 14 bytes in front of a payload (RFC 6455 §5.2), read.
struct WebSocketFrameHeader: Sendable, Equatable {
    static let byteCountMax = 14

    enum Parse {
        case needMore
        case header(WebSocketFrameHeader, byteCount: Int)
        case fault(WebSocketFault)
    }

    let isFinal: Bool
    let isCompressed: Bool
    let opcode: WebSocketOpcode
    let payloadCount: UInt64
    let mask: WebSocketMask?

    /// Reads the header at the front of `bytes[range]`. Faults are found at the first byte that shows them, in an order
    /// that does not depend on how many bytes are there.
    static func parse(
        _ bytes: Span<UInt8>, _ range: Range<Int>, role: WebSocketRole, deflates: Bool
    ) -> Parse {
        guard let start = range.first else { return .needMore }
        let first = bytes[start]
        // Only RSV1 has a meaning, and only where permessage-deflate was negotiated.
        guard first & 0x30 == 0, first & 0x40 == 0 || deflates else { return .fault(.reservedBit) }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { return .fault(.reservedOpcode) }
        // RFC 7692 §6.1: RSV1 stands on the first frame of a message only, never on a control frame.
        guard first & 0x40 == 0 || opcode == .text || opcode == .binary else { return .fault(.reservedBit) }
        guard first & 0x80 != 0 || !opcode.isControl else { return .fault(.fragmentedControl) }

        guard range.count >= 2 else { return .needMore }
        let second = bytes[start + 1]
        let isMasked = second & 0x80 != 0
        // RFC 6455 §5.1: clients always mask, servers never.
        if role == .server, !isMasked { return .fault(.unmasked) }
        if role == .client, isMasked { return .fault(.masked) }
        let short = second & 0x7F
        guard short <= 125 || !opcode.isControl else { return .fault(.controlTooLong) }

        let lengthBytes = short == 127 ? 8 : short == 126 ? 2 : 0
        guard range.count >= 2 + lengthBytes else { return .needMore }
        var length = UInt64(short)
        if lengthBytes > 0 {
            length = 0
            for index in start + 2..<start + 2 + lengthBytes { length = length << 8 | UInt64(bytes[index]) }
            guard length >> 63 == 0 else { return .fault(.lengthTopBit) }
            guard length > (lengthBytes == 8 ? 0xFFFF : 125) else { return .fault(.lengthNotMinimal) }
        }

        let byteCount = 2 + lengthBytes + (isMasked ? 4 : 0)
        guard range.count >= byteCount else { return .needMore }
        var mask: WebSocketMask?
        if isMasked {
            var key: UInt32 = 0
            for index in 0..<4 { key |= UInt32(bytes[start + 2 + lengthBytes + index]) << UInt32(index * 8) }
            mask = WebSocketMask(key: key)
        }
        let header = WebSocketFrameHeader(
            isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, opcode: opcode, payloadCount: length,
            mask: mask)
        return .header(header, byteCount: byteCount)
    }
}
