public import ChatModel
internal import JSONCodec

/// The body of `PUT me`: the device that logs in, fields of one's own record that change, or nothing. Value.
public struct LoginBody: Sendable, Equatable {
    public var platform: String?
    public var deviceID: String?
    /// nil: a login only.
    public var changes: UserFields?

    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> LoginBody {
        var decoded = LoginBody()
        if !body.isEmpty {
            let fields = try UserBody.decodeUpdate(body, limits: limits).fields
            if fields != UserFields() { decoded.changes = fields }
        }
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "platform") {
                decoded.platform = try reader.string(member, "platform", bytesMax: 255)
            } else if reader.matches(key, "deviceId") {
                decoded.deviceID = try reader.string(member, "deviceId", bytesMax: 255)
            }
        } finish: { _ throws(APIFailure) in
            decoded
        }
    }
}
