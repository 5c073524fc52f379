/// `127.0.0.1:8443` or `[::1]:8443`: a literal address and a port, 0 for a free one.
public struct ListenAddress: Sendable, Equatable {
    public let host: String
    public let port: UInt16
    public let isIPv6: Bool

    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        let bracketed = host.first == "[" && host.last == "]"
        if bracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.contains(":") == bracketed else { return nil }
        self.host = String(host)
        self.port = port
        self.isIPv6 = bracketed
    }
}
