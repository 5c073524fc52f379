/// One encoded realtime frame, shared by every connection it goes to. Immutable; any thread.
public final class SharedFrame: Sendable {
    /// UTF-8 JSON text, without the WebSocket header.
    public let payload: [UInt8]

    public init(payload: [UInt8]) {
        self.payload = payload
    }
}
