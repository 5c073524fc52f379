/// Why certificates, keys or trust anchors cannot be used: an error of the environment, made for an operator's eyes.
public struct TLSConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file to look at; nil when no file is to blame.
    public var file: String?
    public var reason: String

    public init(file: String? = nil, reason: String) {
        self.file = file
        self.reason = reason
    }

    public var description: String {
        if let file { "\(file): \(reason)" } else { reason }
    }
}
