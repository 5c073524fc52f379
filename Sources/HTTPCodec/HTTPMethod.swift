/// The methods routes are made for. Methods are case-sensitive (RFC 9110 §9.1).
public enum HTTPMethod: Sendable, Equatable, CaseIterable {
    case get, head, post, put, patch, delete, options, trace
    /// A token this list does not know; a router answers 501.
    case other

    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3 where Octets.equal(bytes, range, "GET"): self = .get
        case 3 where Octets.equal(bytes, range, "PUT"): self = .put
        case 4 where Octets.equal(bytes, range, "POST"): self = .post
        case 4 where Octets.equal(bytes, range, "HEAD"): self = .head
        case 5 where Octets.equal(bytes, range, "PATCH"): self = .patch
        case 5 where Octets.equal(bytes, range, "TRACE"): self = .trace
        case 6 where Octets.equal(bytes, range, "DELETE"): self = .delete
        case 7 where Octets.equal(bytes, range, "OPTIONS"): self = .options
        default: self = .other
        }
    }

    /// The name on the wire; empty for `other`.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .other: ""
        }
    }
}
