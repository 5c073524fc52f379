internal import JSONCodec

/// The body of `DELETE users/{uid}`: `{"permanent":false}` deactivates, anything else or nothing deletes. Value.
public struct UserDeletion: Sendable, Equatable {
    public var permanent: Bool

    public static func decode(_ body: [UInt8]) throws(APIFailure) -> UserDeletion {
        var decoded = UserDeletion(permanent: true)
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "permanent") { decoded.permanent = try reader.bool(member, "permanent") ?? true }
        } finish: { _ throws(APIFailure) in
            decoded
        }
    }
}
