internal import JSONCodec

/// The body of `PUT me`: the device that logs in; it may be empty. Value.
public struct LoginBody: Sendable, Equatable {
    public var platform: String?
    public var deviceID: String?

    public static func decode(_ body: [UInt8]) throws(APIFailure) -> LoginBody {
        var decoded = LoginBody()
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
