/// Appends requests of our own clients (`halleyctl`, the load generator) to a byte buffer.
public enum HTTPRequestWriter {
    /// A request line and its Host header. Header lines of `HTTPFieldWriter` and `endHead` follow.
    /// - Parameter target: already percent-encoded, for example made with `HTTPTarget.appendEncoded`.
    public static func appendStart(_ method: HTTPMethod, target: String, host: String, to out: inout [UInt8]) {
        precondition(method != .other, "a method with a name")
        for byte in target.utf8 { precondition(byte > 0x20 && byte < 0x7F, "an encoded target") }
        precondition(!target.isEmpty, "a target is never empty")
        Octets.append(method.name, to: &out)
        out.append(0x20)
        out.append(contentsOf: target.utf8)
        Octets.append(" HTTP/1.1\r\n", to: &out)
        HTTPFieldWriter.append("Host", text: host, to: &out)
    }

    /// A whole request. A body's length is sent whenever there is a body or the method usually has one.
    public static func append(
        _ method: HTTPMethod, target: String, host: String, contentType: StaticString? = nil, body: Span<UInt8>,
        to out: inout [UInt8], fields: (inout [UInt8]) -> Void = { _ in }
    ) {
        appendStart(method, target: target, host: host, to: &out)
        if let contentType { HTTPFieldWriter.append("Content-Type", contentType, to: &out) }
        fields(&out)
        if !body.isEmpty || method == .post || method == .put || method == .patch {
            HTTPFieldWriter.append("Content-Length", number: body.count, to: &out)
        }
        HTTPFieldWriter.endHead(to: &out)
        Octets.append(body, to: &out)
    }
}
