/// What a client believes about a server's certificate.
public enum TLSTrust: Sendable, Equatable {
    /// Certificates that lead to one in this PEM file and name the server.
    case authorityFile(String)
    /// Anything: for load generators against a machine of one's own.
    case insecure
}
