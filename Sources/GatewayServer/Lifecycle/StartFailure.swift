/// Why the daemon could not start: what it could not open, and why. Exit code 1.
public struct StartFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
