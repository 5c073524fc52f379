internal import Reactor

/// A file that is being uploaded, under a name of its own. Written by one job at a time.
///
/// Immutable: how far it is written is its writer's to know.
final class MediaFile: Sendable {
    let descriptor: Descriptor
    let path: String

    init(_ descriptor: consuming Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// A stored file that is being sent. Any thread.
final class OpenMedia: Sendable {
    private let descriptor: Descriptor
    private let path: String

    init(_ descriptor: consuming Descriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Blocks. Fewer bytes than asked for only at the file's end.
    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        try Syscall.readFile(descriptor, at: offset, count: count, path: path)
    }
}
