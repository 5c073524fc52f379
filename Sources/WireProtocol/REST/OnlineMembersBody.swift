public import ChatModel
internal import JSONCodec

/// The body of `POST api/{version}/online-members`: `{"groups":[guid…]}`, or nothing for the whole app. Value.
public struct OnlineMembersBody: Sendable, Equatable {
    /// Groups of one question.
    public static let groupsMax = 100

    /// Each once; nil: not asked by group.
    public var groups: [GroupID]?

    public static func decode(_ body: [UInt8]) throws(APIFailure) -> OnlineMembersBody {
        var decoded = OnlineMembersBody()
        return try BodyReader.read(body, emptyIsObject: true) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "groups") {
                decoded.groups = try reader.guids(member, "groups", countMax: groupsMax)
            }
        } finish: { _ throws(APIFailure) in
            var seen: Set<GroupID> = []
            decoded.groups = decoded.groups?.filter { seen.insert($0).inserted }
            return decoded
        }
    }
}
