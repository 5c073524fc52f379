/// A refusal as clients see it: in an `error` frame or as a REST error.
public struct APIFailure: Error, Sendable, Equatable {
    public let code: ErrorCode
    /// For people; names the field, the limit or the object.
    public let message: String
    /// Milliseconds after which trying again makes sense; 0 when no advice is given.
    public let retryAfterMs: Int
    /// The HTTP status: the code's own, unless the case asks for another one (protocol.md §9).
    public let httpStatus: Int

    /// `status`: instead of the code's own.
    public init(_ code: ErrorCode, _ message: String, retryAfterMs: Int = 0, status: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMs = retryAfterMs
        self.httpStatus = status ?? code.httpStatus
    }
}
