/// What a multipart body may hold. Bytes, but for the counts.
public struct MultipartLimits: Sendable, Equatable {
    public var partsMax = 64
    /// All header lines of one part.
    public var headBytesMax = 4_096
    public var headLinesMax = 16
    public var nameBytesMax = 255
    public var filenameBytesMax = 1_024
    /// The content of a part without a file name; a file's size is the reader's to bound.
    public var fieldBytesMax = 65_536
    /// What may follow the last boundary, which nobody reads.
    public var epilogueBytesMax = 1_024

    public init() {}
}
