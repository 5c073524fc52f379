/// The methods routes are made for. Methods are case-sensitive (RFC 9110 §9.1).
public enum HTTPMethod: Sendable, Equatable, CaseIterable {
    case get, head, post, put, patch, delete, options, trace
    /// A token this list does not know; a router answers 501.
    case other

    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for method in HTTPMethod.allCases where method != .other {
            if Octets.equal(bytes, range, method.name) {
                self = method
                return
            }
        }
        self = .other
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
