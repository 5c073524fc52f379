internal import Reactor
internal import Synchronization
internal import WireProtocol

/// The uploaded files: `media.directory`. Any thread; what touches the disk blocks, and runs on `pool`.
///
///     DIRECTORY/incoming/<key>.part       being uploaded; whatever is there at start is a crash's leftover, and goes
///     DIRECTORY/<k2>/<key>.<name>         stored; <k2> are the key's first two characters, so that no directory grows long
///
/// Directories are 0700, files 0600. A stored file is never changed, so its address may be cached for ever.
final class MediaStore: Sendable {
    static let pathPrefix = "/media/"
    /// Uploads under way: of all callers (past it 503), and of one user (past it 429).
    static let uploadsMax = 256
    static let uploadsPerUserMax = 8
    /// Under `durability: power` the disk is waited for after every so many bytes, not for all of them at the end.
    static let synchronizedBytes = 16 << 20

    struct Options: Sendable {
        var directory: String
        /// Of all files; 0: no bound.
        var quotaBytes = 0
        /// Whether a file is on the disk before its message is.
        var synchronizes = true
    }

    /// A file to be removed, with the bytes it counts for.
    struct Doomed: Sendable {
        let path: String
        let byteCount: Int
    }

    private struct State: Sendable {
        /// Stored and being uploaded; counted only under a quota.
        var bytes = 0
        var uploads = 0
        var byUser: [String: Int] = [:]
        var doomed: [Doomed] = []
        var stored = 0
        var quotaRefusals = 0
        var failures = 0
    }

    struct Counts: Sendable {
        let bytes: Int
        let uploads: Int
        let stored: Int
        let quotaRefusals: Int
        let failures: Int
    }

    let pool: BlockingPool
    private let options: Options
    private let state: Mutex<State>

    /// Makes the directories, removes what a crash left behind, and counts what there is.
    ///
    /// - Throws: `SystemError` naming the directory.
    init(_ options: Options, pool: BlockingPool) throws(SystemError) {
        self.options = options
        self.pool = pool
        try Syscall.makeDirectory(path: options.directory, mode: 0o700)
        let incoming = "\(options.directory)/\(Self.incoming)"
        try Syscall.makeDirectory(path: incoming, mode: 0o700)
        for name in try Syscall.names(inDirectory: incoming) where name.hasSuffix(Self.partSuffix) {
            Syscall.removeFile(path: "\(incoming)/\(name)")
        }
        var state = State()
        if options.quotaBytes > 0 { state.bytes = try Self.count(options.directory) }
        self.state = Mutex(state)
    }

    private static let incoming = "incoming"
    private static let partSuffix = ".part"

    private static func count(_ directory: String) throws(SystemError) -> Int {
        var bytes = 0
        for shelf in try Syscall.names(inDirectory: directory) where shelf.utf8.count == 2 {
            for name in try Syscall.names(inDirectory: "\(directory)/\(shelf)") {
                bytes += Syscall.byteCount(ofFile: "\(directory)/\(shelf)/\(name)")
            }
        }
        return bytes
    }

    var counts: Counts {
        state.withLock { state in
            Counts(
                bytes: state.bytes, uploads: state.uploads, stored: state.stored, quotaRefusals: state.quotaRefusals,
                failures: state.failures)
        }
    }

    /// Notes that the disk would not write or read.
    func diskFailed() {
        state.withLock { $0.failures += 1 }
    }

    // MARK: - Who may upload

    /// - Parameter user: who is counted; nil: a caller without that bound.
    func enter(user: String?) throws(APIFailure) -> UploadSlot {
        let failure: APIFailure? = state.withLock { state in
            if state.uploads >= Self.uploadsMax {
                return APIFailure(.unavailable, "too many uploads are under way; try again", retryAfterMs: 1_000)
            }
            if let user, state.byUser[user, default: 0] >= Self.uploadsPerUserMax {
                return APIFailure(
                    .tooManyRequests, "more than \(Self.uploadsPerUserMax) uploads at once", retryAfterMs: 1_000)
            }
            state.uploads += 1
            if let user { state.byUser[user, default: 0] += 1 }
            return nil
        }
        if let failure { throw failure }
        return UploadSlot(self, user ?? "")
    }

    /// For `UploadSlot` alone.
    func leave(_ user: String) {
        state.withLock { state in
            state.uploads -= 1
            guard let count = state.byUser[user] else { return }
            state.byUser[user] = count > 1 ? count - 1 : nil
        }
    }

    // MARK: - Writing (on the pool)

    func create() throws(SystemError) -> MediaFile {
        let path = "\(options.directory)/\(Self.incoming)/\(MediaName.makeKey())\(Self.partSuffix)"
        return MediaFile(try Syscall.createFile(path: path, mode: 0o600), path: path)
    }

    /// Makes room for more bytes; false: the quota does not allow them.
    func reserve(_ byteCount: Int) -> Bool {
        guard options.quotaBytes > 0 else { return true }
        return state.withLock { state in
            guard state.bytes + byteCount <= options.quotaBytes else {
                state.quotaRefusals += 1
                return false
            }
            state.bytes += byteCount
            return true
        }
    }

    /// Writes bytes that there is room for. `written`: with them.
    func write(_ bytes: Span<UInt8>, to file: MediaFile, written: Int) throws(SystemError) {
        try Syscall.writeAll(file.descriptor, bytes, path: file.path)
        let isDue = written / Self.synchronizedBytes > (written - bytes.count) / Self.synchronizedBytes
        if options.synchronizes, isDue { try Syscall.synchronize(file.descriptor, path: file.path) }
    }

    /// Gives a whole file its address. When this returns, the file is as durable as a message will be.
    func store(_ file: MediaFile, name: String, byteCount: Int) throws(SystemError) -> StoredMedia {
        precondition(MediaName.isName(name), "a sanitised name")
        let media = StoredMedia(key: MediaName.makeKey(), name: name, byteCount: byteCount)
        let shelf = shelf(media.key)
        if options.synchronizes { try Syscall.synchronize(file.descriptor, path: file.path) }
        try Syscall.makeDirectory(path: shelf, mode: 0o700)
        try Syscall.rename(from: file.path, to: place(media.key, media.name))
        if options.synchronizes {
            try Syscall.synchronizeDirectory(path: shelf)
            try Syscall.synchronizeDirectory(path: options.directory)
        }
        state.withLock { $0.stored += 1 }
        return media
    }

    private func shelf(_ key: String) -> String { "\(options.directory)/\(key.prefix(2))" }

    private func place(_ key: String, _ name: String) -> String { "\(shelf(key))/\(key).\(name)" }

    // MARK: - Removing

    func discard(_ media: [StoredMedia]) {
        discard(media.map { Doomed(path: place($0.key, $0.name), byteCount: $0.byteCount) })
    }

    /// Removes files soon, on the pool. Does not block.
    func discard(_ files: [Doomed]) {
        guard !files.isEmpty else { return }
        state.withLock { $0.doomed += files }
        // With a full pool they wait for the next removal or the next upload's.
        _ = pool.submit { self.removeDoomed() }
    }

    private func removeDoomed() {
        let files = state.withLock { state in
            defer { state.doomed = [] }
            return state.doomed
        }
        for file in files { Syscall.removeFile(path: file.path) }
        guard options.quotaBytes > 0 else { return }
        let freed = files.reduce(0) { $0 + $1.byteCount }
        state.withLock { $0.bytes -= freed }
    }

    // MARK: - Reading (on a pool)

    /// The file at an address, with what the file system says of it; nil: there is none.
    func open(key: String, name: String) throws(SystemError) -> (file: OpenMedia, figures: FileFigures)? {
        guard MediaName.isKey(key), MediaName.isName(name) else { return nil }
        let path = place(key, name)
        let descriptor: Descriptor
        do throws(SystemError) {
            descriptor = try Syscall.openFile(path: path)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        let figures = try Syscall.figures(of: descriptor, path: path)
        return figures.isRegular ? (OpenMedia(descriptor, path: path), figures) : nil
    }
}
