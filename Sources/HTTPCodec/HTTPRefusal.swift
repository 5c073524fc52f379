/// Why a message of the peer is not accepted. A connection that refused a message answers `status` and closes: after a
/// framing error nobody knows where the next message would begin.
public enum HTTPRefusal: Error, Sendable, Equatable, CaseIterable {
    case lineEnd
    case controlByte
    case emptyLine
    case requestLine
    case method
    case target
    case version
    case versionUnsupported
    case fieldName
    case fieldFolded
    case hostMissing
    case hostRepeated
    case hostInvalid
    case contentLength
    case contentLengthConflict
    case transferEncodingRepeated
    case transferEncodingUnsupported
    case transferEncodingWithLength
    case transferEncodingVersion
    case expectation
    case methodUnsupported
    case targetTooLong
    case headTooLarge
    case tooManyFields
    case statusLine
    case chunkSize
    case chunkExtensionTooLong
    case chunkEnd
    case trailerTooLarge
    case bodyTooLarge
    case percentEncoding
    case pathSegment
    case queryTooLong

    /// The status a server answers with.
    public var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectation: 417
        case .headTooLarge, .tooManyFields, .trailerTooLarge: 431
        case .methodUnsupported, .transferEncodingUnsupported: 501
        case .versionUnsupported: 505
        default: 400
        }
    }

    /// One constant sentence for the log and the answer's body; never holds bytes of the peer.
    public var reason: StaticString {
        switch self {
        case .lineEnd: "A line must end with CR LF."
        case .controlByte: "A control byte is not allowed here."
        case .emptyLine: "Too many empty lines before the request."
        case .requestLine: "The request line is not method, target and version."
        case .method: "The method is not a token."
        case .target: "The request target is not valid for this method."
        case .version: "The protocol version is malformed."
        case .versionUnsupported: "Only HTTP/1.1 and HTTP/1.0 are served."
        case .fieldName: "A header name is not a token followed by a colon."
        case .fieldFolded: "Folded header lines are not accepted."
        case .hostMissing: "A Host header is required."
        case .hostRepeated: "Only one Host header is allowed."
        case .hostInvalid: "The Host header is not a host."
        case .contentLength: "Content-Length is not a number in range."
        case .contentLengthConflict: "Content-Length is given twice with different values."
        case .transferEncodingRepeated: "Only one Transfer-Encoding header is allowed."
        case .transferEncodingUnsupported: "The only transfer coding served is chunked."
        case .transferEncodingWithLength: "Transfer-Encoding and Content-Length exclude each other."
        case .transferEncodingVersion: "Transfer-Encoding needs HTTP/1.1."
        case .expectation: "The only expectation served is 100-continue."
        case .methodUnsupported: "This method is not served."
        case .targetTooLong: "The request target is too long."
        case .headTooLarge: "The message head is too large."
        case .tooManyFields: "There are too many header lines."
        case .statusLine: "The status line is malformed."
        case .chunkSize: "The chunk size is not a hexadecimal number in range."
        case .chunkExtensionTooLong: "The chunk extensions are too long."
        case .chunkEnd: "A chunk must end with CR LF."
        case .trailerTooLarge: "The trailer section is too large."
        case .bodyTooLarge: "The body is too large."
        case .percentEncoding: "Percent-encoding is malformed or does not spell UTF-8."
        case .pathSegment: "The path holds a dot segment or a NUL."
        case .queryTooLong: "The query holds too many parameters."
        }
    }
}
