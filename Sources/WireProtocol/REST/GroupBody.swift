public import ChatModel
internal import JSONCodec

/// The body of `POST groups` and `PUT groups/{guid}`. Value.
public struct GroupBody: Sendable {
    /// Of a create; nil when the body has none.
    public var guid: GroupID?
    public var fields: GroupFields
    /// In clear: goes to the key derivation and nowhere else.
    public var password: String?
    public var owner: UserID?
    /// Who joins with the group.
    public var members: MembersBody

    /// A create: `guid` and `name` are required, `type` is `public` when absent, and a `password` group has one.
    public static func decodeCreate(_ body: [UInt8], limits: Limits) throws(APIFailure) -> GroupBody {
        var decoded = try decodeUpdate(body, limits: limits)
        guard decoded.guid != nil else { throw APIFailure(.badRequest, "guid is required") }
        guard decoded.fields.name != nil else { throw APIFailure(.badRequest, "name is required") }
        if decoded.fields.type == nil { decoded.fields.type = .open }
        if decoded.fields.type == .password && decoded.password == nil {
            throw APIFailure(.emptyGroupPass, "password is required for this type of group")
        }
        return decoded
    }

    /// An update: absent fields stay as they are.
    public static func decodeUpdate(_ body: [UInt8], limits: Limits) throws(APIFailure) -> GroupBody {
        var decoded = GroupBody(guid: nil, fields: GroupFields(), password: nil, owner: nil, members: MembersBody())
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
        case "guid": guid = try reader.guid(member, "guid")
        case "name": fields.name = try reader.nonEmpty(member, "name", charactersMax: limits.nameLength)
        case "type": fields.type = try reader.word(member, "type")
        case "password":
            let text = try reader.string(member, "password", charactersMax: limits.nameLength)
            password = text == "" ? nil : text
        case "icon": fields.icon = try reader.string(member, "icon", charactersMax: limits.urlLength)
        case "description":
            fields.description = try reader.string(member, "description", charactersMax: limits.descriptionLength)
        case "metadata":
            fields.metadata = try reader.object(
                member, "metadata", bytesMax: limits.metadataBytes, code: .invalidMetadata)
        case "tags": fields.tags = try reader.tags(member, "tags", limits)
        case "owner": owner = try reader.uid(member, "owner")
        case "members": members = try MembersBody.decode(member, &reader, "members.", limits)
        default: break
        }
    }
}
