import Foundation

/// A path of the machine's temporary directory for one test; what was made there goes with this object.
final class ScratchDirectory: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("halley-server-\(UUID().uuidString)").path

    deinit {
        // Nothing may have been made there.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Every file below it, as paths from it, without those of directories.
    var files: [String] {
        let all = FileManager.default.subpaths(atPath: path) ?? []
        var isDirectory = ObjCBool(false)
        return all.filter {
            // SAFETY: the flag is written during the call.
            unsafe FileManager.default.fileExists(atPath: "\(path)/\($0)", isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }
}
