/// One JSON value as the client wrote it: validated once at the edge, copied through byte for byte ever after.
public struct JSONBytes: Hashable, Sendable {
    public let bytes: [UInt8]

    /// The caller has validated `bytes` as exactly one JSON value in UTF-8, without surrounding white space.
    public init(validated bytes: [UInt8]) {
        self.bytes = bytes
    }
}
