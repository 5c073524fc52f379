internal import Foundation
internal import Glibc
internal import Reactor

/// A line on the terminal that tells how far it is; nothing where standard error is no terminal. Confined to its thread.
final class Progress {
    private static let intervalMs: Int64 = 200

    private let isLive = isatty(STDERR_FILENO) == 1
    private var shownMs: Int64 = 0
    private var isShown = false

    /// Replaces the line, a few times a second.
    func show(_ text: @autoclosure () -> String) {
        guard isLive else { return }
        let nowMs = SystemTime.monotonicMs()
        guard nowMs - shownMs >= Self.intervalMs else { return }
        shownMs = nowMs
        isShown = true
        Self.write("\r\u{1B}[K\(text())")
    }

    /// Takes the line away.
    func clear() {
        if isShown { Self.write("\r\u{1B}[K") }
        isShown = false
    }

    /// To standard error.
    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
