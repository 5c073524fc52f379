/// The conditions of a GET or HEAD (RFC 9110 §13), judged for one representation with a strong validator.
public struct HTTPPreconditions: Sendable {
    public enum Outcome: Sendable, Equatable {
        case proceed
        /// 304: the client has it.
        case notModified
        /// 412.
        case failed
    }

    public var ifMatch: String?
    public var ifNoneMatch: String?
    public var ifModifiedSince: String?
    public var ifUnmodifiedSince: String?
    public var ifRange: String?

    public init() {}

    /// In the order of §13.2.2.
    /// - Parameters:
    ///   - entityTag: with its quotes.
    ///   - modified: Unix seconds.
    public func judge(entityTag: String, modified: Int) -> Outcome {
        if let ifMatch {
            // Strong comparison: a weak tag never matches.
            guard Self.lists(ifMatch, entityTag, weakly: false) else { return .failed }
        } else if let since = ifUnmodifiedSince.flatMap({ HTTPDate.parse($0) }), modified > since {
            return .failed
        }
        if let ifNoneMatch { return Self.lists(ifNoneMatch, entityTag, weakly: true) ? .notModified : .proceed }
        if let since = ifModifiedSince.flatMap({ HTTPDate.parse($0) }), modified <= since { return .notModified }
        return .proceed
    }

    /// Whether a Range header counts: `If-Range`, if any, names what there is now, exactly (§13.1.5).
    public func allowsRange(entityTag: String, modified: Int) -> Bool {
        guard let ifRange else { return true }
        if ifRange.utf8.first == UInt8(ascii: "\"") { return ifRange == entityTag }
        return HTTPDate.parse(ifRange) == modified
    }

    private static func lists(_ header: String, _ entityTag: String, weakly: Bool) -> Bool {
        let bytes = Array(header.utf8)
        let span = bytes.span
        if Octets.equal(span, Octets.trimmed(span, 0..<span.count), "*") { return true }
        let wanted = Array(entityTag.utf8)
        var isListed = false
        Octets.forEachElement(span, 0..<span.count) { element in
            var range = element
            if range.count > 2, Octets.equal(span, range.lowerBound..<range.lowerBound + 2, "W/") {
                guard weakly else { return }
                range = range.lowerBound + 2..<range.upperBound
            }
            if bytes[range].elementsEqual(wanted) { isListed = true }
        }
        return isListed
    }
}
