/// The store could not do what was asked: an environment error, never the caller's.
public struct LogFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// For the operator: what failed, on which file.
    public let reason: String

    public init(reason: String) {
        self.reason = reason
    }

    public var description: String { reason }
}
