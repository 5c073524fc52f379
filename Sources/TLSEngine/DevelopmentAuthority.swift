import Glibc

/// A private certificate authority for `--dev`: made at the first start, used for one server certificate, and gone: its
/// key is never stored, so trusting `ca.pem` on a machine lets nobody sign anything else. Any thread.
public enum DevelopmentAuthority {
    /// The names and addresses the server certificate is good for.
    public static let names = ["localhost", "127.0.0.1", "::1"]
    /// Below 366 days: Mozilla's recommendation and the bound of some browsers.
    static let validitySeconds: Int64 = 365 * 86_400
    /// A certificate that ends sooner than this is replaced.
    static let renewalSeconds: Int64 = 14 * 86_400
    /// Certificates begin this long ago, for clients whose clock is behind.
    static let clockSkewSeconds: Int64 = 60 * 60

    /// One issue, as PEM text.
    public struct Credentials: Sendable {
        public var authority: String
        /// The server's certificate, then the authority's.
        public var certificateChain: String
        public var privateKey: String
    }

    /// Where an issue lies.
    public struct Files: Sendable, Equatable {
        public var authority: String
        public var certificateChain: String
        public var privateKey: String
    }

    /// Paths of `ca.pem`, `server.pem` and `server.key` (0600) in `directory`, which is made when missing. The files
    /// are made anew when one is missing or damaged, when they do not belong together, or when they end within 14 days.
    ///
    /// - Parameter now: seconds since 1970; nil for the system's clock.
    public static func prepare(
        directory: String, now: Int64? = nil
    ) throws(TLSConfigurationError) -> Files {
        let now = now ?? systemTime()
        let files = Files(
            authority: "\(directory)/ca.pem", certificateChain: "\(directory)/server.pem",
            privateKey: "\(directory)/server.key")
        if isUsable(files, now: now) { return files }
        if unsafe mkdir(directory, 0o755) != 0 && errno != EEXIST {
            // SAFETY: strerror returns a terminated string; it is copied at once.
            throw TLSConfigurationError(file: directory, reason: unsafe String(cString: strerror(errno)))
        }
        let credentials = issue(now: now)
        try SmallFile.write(credentials.privateKey, to: files.privateKey, mode: 0o600)
        try SmallFile.write(credentials.certificateChain, to: files.certificateChain, mode: 0o644)
        try SmallFile.write(credentials.authority, to: files.authority, mode: 0o644)
        return files
    }

    /// A new authority and a server certificate by it.
    public static func issue(now: Int64? = nil) -> Credentials {
        let now = now ?? systemTime()
        let authorityKey = PrivateKey.makeP256()
        let serverKey = PrivateKey.makeP256()
        // A name of its own per issue: browsers mix up authorities of the same name.
        let authorityName = "Halley Development CA \(Hex.encode(SecureRandom.bytes(4)))"
        let validity = (now - clockSkewSeconds)...(now - clockSkewSeconds + validitySeconds)
        let authority = CertificateTemplate.authority(named: authorityName).sign(
            for: authorityKey, by: nil, key: authorityKey, validity: validity)
        let server = CertificateTemplate.server(named: names).sign(
            for: serverKey, by: authority, key: authorityKey, validity: validity)
        let authorityText = PEM.encode(authority)
        return Credentials(
            authority: authorityText, certificateChain: PEM.encode(server) + authorityText,
            privateKey: PEM.encode(serverKey))
    }

    private static func systemTime() -> Int64 { Int64(time(nil)) }

    private static func isUsable(_ files: Files, now: Int64) -> Bool {
        // Whatever is wrong with the files, the answer is to make new ones.
        guard let chain = try? PEM.certificates(inFile: files.certificateChain), let server = chain.first,
            let authority = try? PEM.certificates(inFile: files.authority).first,
            let key = try? PEM.privateKey(inFile: files.privateKey),
            let serverEnds = server.expiresAt, let authorityEnds = authority.expiresAt
        else { return false }
        return min(serverEnds, authorityEnds) > now + renewalSeconds && server.belongs(to: key)
            && server.isIssued(by: authority) && names.allSatisfy { server.isValid(for: $0) }
    }
}
