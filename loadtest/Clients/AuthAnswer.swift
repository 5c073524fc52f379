internal import JSONCodec

/// The server's answer to `auth` (protocol.md 3.1).
struct AuthAnswer {
    private(set) var code = ""
    private(set) var status = ""
    /// Seconds without a ping after which the server cuts the connection; nil from a server that never does.
    private(set) var pingTimeout: Int64?

    /// Nil for any other frame.
    init?(_ bytes: Span<UInt8>) {
        var isAuth = false
        var answer = (code: "", status: "", pingTimeout: Int64?.none)
        do throws(JSONError) {
            // SAFETY: bytes have no padding.
            try unsafe JSONReader.read(bytes.bytes) { (reader: inout JSONReader) throws(JSONError) in
                try reader.enterObject()
                while let key = try reader.nextKey() {
                    if reader.matches(key, "type") {
                        isAuth = try reader.string() == "auth"
                    } else if reader.matches(key, "body") {
                        answer = try Self.readBody(&reader)
                    } else {
                        _ = try reader.skip()
                    }
                }
            }
        } catch {
            return nil
        }
        guard isAuth else { return nil }
        (code, status, pingTimeout) = answer
    }

    private static func readBody(
        _ reader: inout JSONReader
    ) throws(JSONError) -> (code: String, status: String, pingTimeout: Int64?) {
        var answer = (code: "", status: "", pingTimeout: Int64?.none)
        guard try reader.kind() == .object else {
            _ = try reader.skip()
            return answer
        }
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if reader.matches(key, "code") {
                answer.code = try reader.string()
            } else if reader.matches(key, "status") {
                answer.status = try reader.string()
            } else if reader.matches(key, "pingTimeout") {
                answer.pingTimeout = try reader.int64()
            } else {
                _ = try reader.skip()
            }
        }
        return answer
    }
}
