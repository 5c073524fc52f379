internal import JSONCodec

/// The body of the backend's `disconnect` calls; it may be empty. Value.
public struct DisconnectBody: Sendable, Equatable {
    /// Only connections opened with this auth token. Never logged.
    public var token: String?
    /// Connections per second; 0: at once.
    public var rate: Int

    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> DisconnectBody {
        var decoded = DisconnectBody(token: nil, rate: 0)
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "token") {
                let text = try reader.string(member, "token", bytesMax: limits.credentialBytes)
                decoded.token = text == "" ? nil : text
            } else if reader.matches(key, "rate") {
                decoded.rate = Int(try reader.integer(member, "rate", 0...1_000_000) ?? 0)
            }
        } finish: { _ throws(APIFailure) in
            decoded
        }
    }
}
