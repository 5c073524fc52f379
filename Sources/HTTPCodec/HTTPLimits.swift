/// Bounds of one HTTP/1.1 message head. Immutable; every limit has a status it is refused with.
///
/// Reading order of this room: `HTTPRequestParser` turns the bytes at the front of a connection's input into an
/// `HTTPRequestHead` (ranges into those bytes), `HTTPBodyDecoder` then walks the body, `HTTPResponseWriter` appends the
/// answer. `HTTPRequestWriter` and `HTTPResponseParser` are the same for our own clients. None of them sees a socket,
/// keeps a pointer, or allocates per byte.
///
///     input bytes ──► HTTPRequestParser ──► HTTPRequestHead ──► HTTPBodyDecoder ──► .data(range)… .end
///                          │ .needMore: keep the bytes, call again with more
///                          └ .refused: answer its status, close
public struct HTTPLimits: Sendable, Equatable {
    /// Request line (or status line) and all header lines with their line ends, in bytes. Beyond it: 431.
    public var headBytesMax: Int
    /// The request target, in bytes. Beyond it: 414.
    public var targetBytesMax: Int
    /// Header lines. Beyond it: 431.
    public var fieldsMax: Int

    public init(headBytesMax: Int = 16 * 1024, targetBytesMax: Int = 8 * 1024, fieldsMax: Int = 100) {
        precondition(headBytesMax > 0 && headBytesMax <= 1 << 20, "head limit out of range")
        precondition(targetBytesMax > 0 && targetBytesMax <= headBytesMax, "target limit out of range")
        precondition(fieldsMax > 0, "field limit out of range")
        self.headBytesMax = headBytesMax
        self.targetBytesMax = targetBytesMax
        self.fieldsMax = fieldsMax
    }
}
