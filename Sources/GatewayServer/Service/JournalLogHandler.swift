internal import CSystemd
internal import Glibc
internal import Logging

/// Structured entries in the journal: each metadata key becomes a `HALLEY_…` field. Any thread.
struct JournalLogHandler: HalleyLogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]

    func write(_ event: LogEvent, _ fields: [LogField]) {
        var entries = [
            "MESSAGE=\(event.message)\(Self.tail(fields))", "PRIORITY=\(Self.priority(event.level))",
            "SYSLOG_IDENTIFIER=halleyd",
        ]
        for (key, value) in fields { entries.append("HALLEY_\(Self.fieldName(key))=\(value)") }
        Self.send(entries.map { Array($0.utf8) })
    }

    private static func send(_ entries: [[UInt8]]) {
        let sizes = entries.map(\.count)
        var joined = entries.flatMap { $0 }
        // SAFETY: the vectors point into `joined`, which outlives the call, at offsets that add up to its length.
        unsafe joined.withUnsafeMutableBytes { bytes in
            var vectors: [iovec] = unsafe []
            var offset = 0
            for size in sizes {
                unsafe vectors.append(iovec(iov_base: bytes.baseAddress! + offset, iov_len: size))
                offset += size
            }
            _ = unsafe sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }

    /// Journal field names are upper case letters, digits and underscores.
    private static func fieldName(_ key: String) -> String {
        String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
