/// Why a multipart body is not accepted. Nothing of it can be read on from there.
public enum MultipartRefusal: Error, Sendable, Equatable, CaseIterable {
    case mediaType
    case boundaryMissing
    case boundary
    case preamble
    case delimiterLine
    case headTooLarge
    case headLine
    case tooManyHeadLines
    case disposition
    case dispositionMissing
    case dispositionRepeated
    case parameter
    case name
    case nameTooLong
    case filename
    case filenameTooLong
    case contentType
    case transferEncoding
    case tooManyParts
    case fieldTooLarge
    case epilogue
    case truncated

    /// One constant sentence; never holds bytes of the peer.
    public var reason: StaticString {
        switch self {
        case .mediaType: "The body must be multipart/form-data."
        case .boundaryMissing: "Content-Type names no boundary."
        case .boundary: "The boundary must be 1 to 70 characters that RFC 2046 allows, given once."
        case .preamble: "The body must begin with the boundary that Content-Type names."
        case .delimiterLine: "A boundary must be followed by CR LF, or by two hyphens at the end."
        case .headTooLarge: "A part's headers are too large."
        case .headLine: "A part's header is malformed; lines must end with CR LF."
        case .tooManyHeadLines: "A part has too many headers."
        case .disposition: "A part's Content-Disposition must be form-data with a name."
        case .dispositionMissing: "A part has no Content-Disposition."
        case .dispositionRepeated: "A part has two Content-Dispositions, or a parameter of it twice."
        case .parameter: "A header's parameters are malformed."
        case .name: "A part's name must be UTF-8 without control characters, and not empty."
        case .nameTooLong: "A part's name is too long."
        case .filename: "A part's filename must be UTF-8 without control characters."
        case .filenameTooLong: "A part's filename is too long."
        case .contentType: "A part's Content-Type is no media type."
        case .transferEncoding: "A part's Content-Transfer-Encoding must be 7bit, 8bit or binary."
        case .tooManyParts: "The body has too many parts."
        case .fieldTooLarge: "A part that is no file is too large."
        case .epilogue: "Too much follows the last boundary."
        case .truncated: "The body ended before its last boundary."
        }
    }

    /// The status a server answers with.
    public var status: Int {
        switch self {
        case .mediaType: 415
        case .fieldTooLarge: 413
        default: 400
        }
    }
}
