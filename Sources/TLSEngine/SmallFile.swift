import Glibc

/// Certificate and key files: small, read whole, written so that readers see the old or the new one and never a half.
enum SmallFile {
    static let bytesMax = 1 << 20

    static func read(_ path: String) throws(TLSConfigurationError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path) }
        defer { _ = Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            // SAFETY: the array's own bounds.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw systemError(path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= bytesMax else {
                throw TLSConfigurationError(file: path, reason: "is longer than \(bytesMax) bytes")
            }
        }
    }

    /// Writes beside the file and renames; `mode` is exact, whatever the umask.
    static func write(_ text: String, to path: String, mode: mode_t) throws(TLSConfigurationError) {
        let draft = "\(path).new"
        _ = unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode & 0o600)
        guard descriptor >= 0 else { throw systemError(draft) }
        defer { _ = Glibc.close(descriptor) }
        let bytes = [UInt8](text.utf8)
        var written = 0
        while written < bytes.count {
            // SAFETY: the slice's own bounds.
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw systemError(draft) }
            written += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw systemError(draft) }
        guard unsafe rename(draft, path) == 0 else { throw systemError(path) }
    }

    private static func systemError(_ path: String) -> TLSConfigurationError {
        let code = errno
        // SAFETY: strerror returns a terminated string; it is copied at once.
        return TLSConfigurationError(file: path, reason: unsafe String(cString: strerror(code)))
    }
}
