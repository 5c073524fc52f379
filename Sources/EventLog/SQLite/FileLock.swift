internal import Glibc

/// Keeps two daemons from one file: an advisory lock on a file beside it, held until this goes. Any thread.
///
/// Not on the store's own file: closing any descriptor of that would drop the locks SQLite holds on it.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws(LogFailure) {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else { throw LogFailure(reason: "cannot write \(path): \(Self.reason(errno))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw LogFailure(
                reason: code == EWOULDBLOCK ? "\(path) is locked: another process uses this store" : Self.reason(code))
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Makes the file if there is none, and leaves it to its owner alone. Call before SQLite opens it.
    static func makePrivate(_ path: String) throws(LogFailure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LogFailure(reason: "cannot write \(path): \(reason(errno))") }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else {
            throw LogFailure(reason: "cannot make \(path) private: \(reason(errno))")
        }
    }

    private static func reason(_ code: Int32) -> String {
        // SAFETY: strerror gives a text that lives at least until the next call on this thread.
        unsafe String(cString: strerror(code))
    }
}
