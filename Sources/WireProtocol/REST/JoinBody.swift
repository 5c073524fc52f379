internal import JSONCodec

/// The body of `POST groups/{guid}/members`: what a join may carry. Value.
public struct JoinBody: Sendable, Equatable {
    /// nil when absent or empty.
    public var password: String?

    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> JoinBody {
        var decoded = JoinBody()
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            guard reader.matches(key, "password") else { return }
            let text = try reader.string(member, "password", charactersMax: limits.nameLength)
            decoded.password = text == "" ? nil : text
        } finish: { _ throws(APIFailure) in
            decoded
        }
    }
}
