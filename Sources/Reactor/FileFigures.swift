/// What the file system says of an open file.
public struct FileFigures: Sendable, Equatable {
    public let byteCount: Int
    /// Unix seconds.
    public let modifiedAt: Int
    /// Neither a directory nor a device.
    public let isRegular: Bool
}
