internal import Glibc

extension Syscall {
    /// Removes a Unix socket that nobody serves any more. No file: fine. A served socket: EADDRINUSE. A file of another
    /// kind: EEXIST, since deleting a stranger's file by a slip in a configuration would be worse than not starting.
    static func removeStaleSocket(path: String) throws(SystemError) {
        var status = stat()
        // SAFETY: lstat fills the struct it is given.
        switch call("lstat", { unsafe lstat(path, &status) }) {
        case .failed(ENOENT): return
        case .failed(let code): throw SystemError(code: code, call: "lstat", object: path)
        case .value: break
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError(code: EEXIST, call: "bind", object: path) }
        let probe = try makeSocket(family: AF_UNIX, for: path)
        do {
            _ = try connect(probe, to: .unix(path: path))
        } catch {
            // Refused: a file without a listener. Anything else (EAGAIN: its queue is full; EACCES) may be alive.
            if error.code == ECONNREFUSED {
                removeFile(path: path)
                return
            }
        }
        throw SystemError(code: EADDRINUSE, call: "bind", object: path)
    }

    /// A file that is not there is fine.
    public static func removeFile(path: String) {
        _ = call("unlink") { unsafe unlink(path) }
    }

    static func setPermissions(path: String, mode: UInt32, groupID: UInt32?) throws(SystemError) {
        if let groupID { try require("chown", on: path) { unsafe chown(path, uid_t.max, groupID) } }
        try require("chmod", on: path) { unsafe chmod(path, mode) }
    }

    /// Kind and permission bits of a file.
    static func mode(path: String) throws(SystemError) -> UInt32 {
        var status = stat()
        // SAFETY: lstat fills the struct it is given.
        try require("lstat", on: path) { unsafe lstat(path, &status) }
        return status.st_mode
    }
}
