public import ChatModel
internal import JSONCodec

/// The body of `POST users` and `PUT users/{uid}`. Value.
public struct UserBody: Sendable {
    /// Of a create; nil when the body has none (an update takes it from the path).
    public var uid: UserID?
    public var fields: UserFields
    /// A create may ask for an auth token at once.
    public var withAuthToken: Bool

    /// A create: `uid` and `name` are required.
    public static func decodeCreate(_ body: [UInt8], limits: Limits) throws(APIFailure) -> UserBody {
        let decoded = try decodeUpdate(body, limits: limits)
        guard decoded.uid != nil else { throw APIFailure(.badRequest, "uid is required") }
        guard decoded.fields.name != nil else { throw APIFailure(.badRequest, "name is required") }
        return decoded
    }

    /// An update: absent fields stay as they are.
    public static func decodeUpdate(_ body: [UInt8], limits: Limits) throws(APIFailure) -> UserBody {
        var decoded = UserBody(uid: nil, fields: UserFields(), withAuthToken: false)
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            try decoded.take(key, member, &reader, limits)
        } finish: { _ throws(APIFailure) in
            decoded
        }
    }

    private mutating func take(
        _ key: JSONText, _ member: Field, _ reader: inout JSONReader, _ limits: Limits
    ) throws(APIFailure) {
        switch reader.decode(key) {
        case "uid": uid = try reader.uid(member, "uid")
        case "name": fields.name = try reader.nonEmpty(member, "name", charactersMax: limits.nameLength)
        case "avatar": fields.avatar = try reader.string(member, "avatar", charactersMax: limits.urlLength)
        case "link": fields.link = try reader.string(member, "link", charactersMax: limits.urlLength)
        case "role": fields.role = try reader.nonEmpty(member, "role", charactersMax: limits.nameLength)
        case "metadata":
            fields.metadata = try reader.object(
                member, "metadata", bytesMax: limits.metadataBytes, code: .invalidMetadata)
        case "statusMessage":
            fields.statusMessage = try reader.string(
                member, "statusMessage", charactersMax: limits.descriptionLength)
        case "tags": fields.tags = try reader.tags(member, "tags", limits)
        case "email": fields.email = try reader.string(member, "email", charactersMax: limits.descriptionLength)
        case "credits": fields.credits = try reader.integer(member, "credits", Int64.min...Int64.max)
        case "deactivated": fields.deactivated = try reader.bool(member, "deactivated")
        case "withAuthToken": withAuthToken = try reader.bool(member, "withAuthToken") ?? false
        default: break
        }
    }
}
