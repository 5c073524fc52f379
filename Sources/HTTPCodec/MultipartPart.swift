/// What a part's headers say of it.
public struct MultipartPart: Sendable, Equatable {
    /// Of the form's field; never empty.
    public let name: String
    /// As sent, so it may look like a path; nil: the part is a plain field. Empty: a form in which no file was chosen.
    public let filename: String?
    /// As sent, for example `image/png`; it is a claim.
    public let contentType: String?

    public init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }
}
