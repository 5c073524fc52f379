import Foundation

/// A path of the machine's temporary directory for one test; what was made there goes with this object.
final class ScratchDirectory: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("halley-tls-\(UUID().uuidString)").path

    deinit {
        // Nothing may have been made there.
        try? FileManager.default.removeItem(atPath: path)
    }
}
