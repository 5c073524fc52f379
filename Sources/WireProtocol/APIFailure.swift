/// A refusal as clients see it: in an `error` frame or as a REST error.
public struct APIFailure: Error, Sendable, Equatable {
    public let code: ErrorCode
    /// For people; names the field, the limit or the object.
    public let message: String
    /// Milliseconds after which trying again makes sense; 0 when no advice is given.
    public let retryAfterMs: Int

    public init(_ code: ErrorCode, _ message: String, retryAfterMs: Int = 0) {
        self.code = code
        self.message = message
        self.retryAfterMs = retryAfterMs
    }
}
