/// What a peer can do wrong. Each has the close code to fail the connection with (RFC 6455 §7.1.7).
public enum WebSocketFault: Error, Sendable, Equatable, CaseIterable {
    case reservedBit
    case reservedOpcode
    case fragmentedControl
    case controlTooLong
    case unmasked
    case masked
    case lengthNotMinimal
    case lengthTopBit
    case continuationWithoutStart
    case messageInsideMessage
    case closePayload
    case closeCode
    case invalidUTF8
    case corruptDeflate
    case messageTooBig

    public var closeCode: WebSocketCloseCode {
        switch self {
        case .invalidUTF8, .corruptDeflate: .invalidPayload
        case .messageTooBig: .messageTooBig
        default: .protocolError
        }
    }

    /// One constant phrase for the log and the close frame; at most 123 bytes.
    public var reason: StaticString {
        switch self {
        case .reservedBit: "reserved bit set"
        case .reservedOpcode: "reserved opcode"
        case .fragmentedControl: "fragmented control frame"
        case .controlTooLong: "control frame over 125 bytes"
        case .unmasked: "unmasked frame"
        case .masked: "masked frame"
        case .lengthNotMinimal: "length not in its shortest form"
        case .lengthTopBit: "length over 63 bits"
        case .continuationWithoutStart: "continuation without a message"
        case .messageInsideMessage: "message inside a message"
        case .closePayload: "close frame of one byte"
        case .closeCode: "close code not allowed"
        case .invalidUTF8: "text is not UTF-8"
        case .corruptDeflate: "compressed data is corrupt"
        case .messageTooBig: "message too big"
        }
    }
}
