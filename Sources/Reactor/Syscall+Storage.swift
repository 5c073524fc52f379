internal import CLinux
internal import Glibc

// Files that are read and written in full (media). These calls block: for the pools only.

extension Syscall {
    /// Makes a directory; one that is there is fine. Its mode is set whatever the umask is.
    public static func makeDirectory(path: String, mode: UInt32) throws(SystemError) {
        switch call("mkdir", { unsafe mkdir(path, mode) }) {
        case .value: try require("chmod", on: path) { unsafe chmod(path, mode) }
        case .failed(EEXIST): return
        case .failed(let code): throw SystemError(code: code, call: "mkdir", object: path)
        }
    }

    /// Makes a file that was not there, for writing.
    public static func createFile(path: String, mode: UInt32) throws(SystemError) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        return Descriptor(owning: try require("open", on: path) { unsafe open(path, flags, mode) })
    }

    /// Opens a file for reading; never through a symbolic link.
    public static func openFile(path: String) throws(SystemError) -> Descriptor {
        Descriptor(owning: try require("open", on: path) { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) })
    }

    public static func figures(
        of file: borrowing Descriptor, path: String
    ) throws(SystemError) -> FileFigures {
        var status = stat()
        let raw = file.raw
        // SAFETY: fstat fills the struct it is given.
        try require("fstat", on: path) { unsafe fstat(raw, &status) }
        return FileFigures(
            byteCount: Int(status.st_size), modifiedAt: Int(status.st_mtim.tv_sec),
            isRegular: status.st_mode & S_IFMT == S_IFREG)
    }

    /// The bytes of a file that is not open; 0 for one that is gone or no regular file.
    public static func byteCount(ofFile path: String) -> Int {
        var status = stat()
        // SAFETY: lstat fills the struct it is given.
        guard case .value = call("lstat", { unsafe lstat(path, &status) }), status.st_mode & S_IFMT == S_IFREG else {
            return 0
        }
        return Int(status.st_size)
    }

    /// Writes all of the bytes at the file's position.
    public static func writeAll(
        _ file: borrowing Descriptor, _ bytes: Span<UInt8>, path: String
    ) throws(SystemError) {
        let raw = file.raw
        // SAFETY: write reads at most `count - done` bytes behind `done`, within the buffer.
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(SystemError) in
            var done = 0
            while done < buffer.count {
                let offset = done
                switch call("write", { unsafe write(raw, buffer.baseAddress! + offset, buffer.count - offset) }) {
                case .value(let count): done += count
                case .failed(let code): throw SystemError(code: code, call: "write", object: path)
                }
            }
        }
    }

    /// Up to `count` bytes from `offset` on; fewer at the end of the file.
    public static func readFile(
        _ file: borrowing Descriptor, at offset: Int, count: Int, path: String
    ) throws(SystemError) -> [UInt8] {
        let raw = file.raw
        var failure: Int32 = 0
        // SAFETY: pread writes at most `count` bytes to a buffer of that capacity.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let done = filled
                let answer = call("pread") {
                    unsafe pread(raw, buffer.baseAddress! + done, count - done, off_t(offset + done))
                }
                switch answer {
                case .value(0): return
                case .value(let more): filled += more
                case .failed(let code):
                    failure = code
                    return
                }
            }
        }
        guard failure == 0 else { throw SystemError(code: failure, call: "pread", object: path) }
        return bytes
    }

    /// Waits until the file's content and length are on the disk.
    public static func synchronize(_ file: borrowing Descriptor, path: String) throws(SystemError) {
        let raw = file.raw
        try require("fsync", on: path) { fsync(raw) }
    }

    /// Waits until the names in a directory are on the disk.
    public static func synchronizeDirectory(path: String) throws(SystemError) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let directory = Descriptor(owning: try require("open", on: path) { unsafe open(path, flags) })
        try synchronize(directory, path: path)
    }

    public static func rename(from path: String, to target: String) throws(SystemError) {
        try require("rename", on: target) { unsafe Glibc.rename(path, target) }
    }

    /// The names in a directory, in no order, without the dots.
    public static func names(inDirectory path: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(path) else {
            throw SystemError(code: errno, call: "opendir", object: path)
        }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        // SAFETY: readdir's entry is valid until the next call; the name is copied before, and zero-terminated.
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
