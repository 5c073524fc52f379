/// A file that the gateway stores for a message: an entry of `data.attachments`.
public struct Attachment: Sendable, Equatable {
    /// Absolute.
    public let url: String
    /// As its sender calls it.
    public let name: String
    public let mimeType: String
    /// Without the dot; may be empty.
    public let fileExtension: String
    public let byteCount: Int

    public init(url: String, name: String, mimeType: String, fileExtension: String, byteCount: Int) {
        self.url = url
        self.name = name
        self.mimeType = mimeType
        self.fileExtension = fileExtension
        self.byteCount = byteCount
    }
}
