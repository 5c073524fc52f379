internal import Foundation

/// Files of /proc.
enum ProcText {
    private static let pieceBytes = 65_536

    /// The whole text; nil if it may not be read. The kernel gives a long one page by page, which Foundation's readers of
    /// whole files take for its end.
    static func read(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        var bytes = Data()
        while let piece = try? file.read(upToCount: pieceBytes), !piece.isEmpty { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a line `Name:   123 kB`, in bytes.
    static func kilobytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }
}
