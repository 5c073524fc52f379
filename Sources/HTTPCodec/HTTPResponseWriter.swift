/// Appends responses to a byte buffer. Header lines between status line and `endHead` are `HTTPFieldWriter`'s.
public enum HTTPResponseWriter {
    /// `HTTP/1.1 200 OK` and its line end.
    public static func appendStatusLine(_ status: Int, to out: inout [UInt8]) {
        precondition(status >= 100 && status <= 599, "a status of three digits")
        Octets.append("HTTP/1.1 ", to: &out)
        Octets.appendDecimal(status, to: &out)
        out.append(0x20)
        Octets.append(phrase(status), to: &out)
        Octets.append("\r\n", to: &out)
    }

    /// The interim answer to `Expect: 100-continue`.
    public static func appendContinue(to out: inout [UInt8]) {
        Octets.append("HTTP/1.1 100 Continue\r\n\r\n", to: &out)
    }

    /// A whole response.
    /// - Parameters:
    ///   - contentType: left out when there is no body to describe.
    ///   - unixSeconds: for the Date header; nil leaves it out.
    ///   - keepAlive: false adds `Connection: close`.
    ///   - toHEAD: the head only, with the length the body would have.
    ///   - fields: appends further headers with `HTTPFieldWriter`.
    public static func append(
        status: Int, contentType: StaticString? = nil, body: Span<UInt8>, unixSeconds: Int? = nil, keepAlive: Bool,
        toHEAD: Bool = false, to out: inout [UInt8], fields: (inout [UInt8]) -> Void = { _ in }
    ) {
        appendStart(status: status, contentType: contentType, unixSeconds: unixSeconds, keepAlive: keepAlive, to: &out)
        fields(&out)
        // RFC 9110 §8.6: neither 1xx nor 204 may have a length; RFC 9112 §6.3: nor they nor 304 a body.
        let bodiless = status < 200 || status == 204 || status == 304
        precondition(!bodiless || body.isEmpty, "this status has no body")
        if !bodiless { HTTPFieldWriter.append("Content-Length", number: body.count, to: &out) }
        HTTPFieldWriter.endHead(to: &out)
        if !toHEAD { Octets.append(body, to: &out) }
    }

    /// A whole response with a constant sentence as its body, for refusals: `HTTPRefusal.reason` and the like.
    public static func append(
        status: Int, text: StaticString, unixSeconds: Int? = nil, keepAlive: Bool, to out: inout [UInt8],
        fields: (inout [UInt8]) -> Void = { _ in }
    ) {
        var body: [UInt8] = []
        Octets.append(text, to: &body)
        append(
            status: status, contentType: "text/plain; charset=utf-8", body: body.span, unixSeconds: unixSeconds,
            keepAlive: keepAlive, to: &out, fields: fields)
    }

    /// The head of a response whose body follows in chunks: `appendChunk` any number of times, then `appendLastChunk`.
    /// Only for HTTP/1.1 peers; to a 1.0 peer send no framing and close.
    public static func appendChunkedHead(
        status: Int, contentType: StaticString, unixSeconds: Int? = nil, keepAlive: Bool, to out: inout [UInt8],
        fields: (inout [UInt8]) -> Void = { _ in }
    ) {
        appendStart(status: status, contentType: contentType, unixSeconds: unixSeconds, keepAlive: keepAlive, to: &out)
        fields(&out)
        HTTPFieldWriter.append("Transfer-Encoding", "chunked", to: &out)
        HTTPFieldWriter.endHead(to: &out)
    }

    /// The head of a response whose body of known length follows in pieces.
    public static func appendHead(
        status: Int, contentLength: Int, unixSeconds: Int? = nil, keepAlive: Bool, to out: inout [UInt8],
        fields: (inout [UInt8]) -> Void = { _ in }
    ) {
        appendStart(status: status, contentType: nil, unixSeconds: unixSeconds, keepAlive: keepAlive, to: &out)
        fields(&out)
        HTTPFieldWriter.append("Content-Length", number: contentLength, to: &out)
        HTTPFieldWriter.endHead(to: &out)
    }

    /// One chunk; an empty one is left out, as it would end the body.
    public static func appendChunk(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        Octets.appendHex(bytes.count, to: &out)
        Octets.append("\r\n", to: &out)
        Octets.append(bytes, to: &out)
        Octets.append("\r\n", to: &out)
    }

    public static func appendLastChunk(to out: inout [UInt8]) {
        Octets.append("0\r\n\r\n", to: &out)
    }

    private static func appendStart(
        status: Int, contentType: StaticString?, unixSeconds: Int?, keepAlive: Bool, to out: inout [UInt8]
    ) {
        appendStatusLine(status, to: &out)
        if let unixSeconds {
            Octets.append("Date: ", to: &out)
            HTTPDate.append(unixSeconds: unixSeconds, to: &out)
            Octets.append("\r\n", to: &out)
        }
        if let contentType { HTTPFieldWriter.append("Content-Type", contentType, to: &out) }
        if !keepAlive { Octets.append("Connection: close\r\n", to: &out) }
    }

    /// The registered phrase, "Status" for others; nobody reads it.
    public static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
