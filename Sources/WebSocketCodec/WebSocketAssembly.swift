/// What a connection keeps while a frame or a message is unfinished; made when a read ends inside one, dropped as soon as
/// nothing is pending. Confined to its connection's loop.
final class WebSocketAssembly {
    /// Of a frame header cut by a read.
    var headerBytes: [UInt8] = []

    /// The frame whose payload is still arriving, if any.
    var frame: (header: WebSocketFrameHeader, remaining: Int)?
    var mask: WebSocketMask?
    /// The payload so far of an unfinished control frame; it may arrive between the frames of a message.
    var controlBytes: [UInt8] = []

    /// The message of which frames have been seen, if any.
    var message: (opcode: WebSocketOpcode, isCompressed: Bool)?
    var messageBytes: [UInt8] = []
    var utf8 = UTF8Validator()

    var isEmpty: Bool { headerBytes.isEmpty && frame == nil && message == nil }
}
