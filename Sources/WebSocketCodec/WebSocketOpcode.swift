/// RFC 6455 §11.8. What is missing here is reserved and refused.
public enum WebSocketOpcode: UInt8, Sendable, Equatable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Close, ping and pong: never fragmented, at most 125 bytes (RFC 6455 §5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
