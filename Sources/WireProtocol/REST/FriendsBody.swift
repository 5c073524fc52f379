public import ChatModel
internal import JSONCodec

/// The body of `POST` and `DELETE users/{uid}/friends`: `friends`, or `accepted` as its alias. Value.
public struct FriendsBody: Sendable, Equatable {
    /// Never empty, each uid once.
    public var friends: [UserID]

    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> FriendsBody {
        var friends: [UserID]?
        var accepted: [UserID]?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "friends") {
                friends = try reader.uids(member, "friends", countMax: limits.friendsPerUser)
            } else if reader.matches(key, "accepted") {
                accepted = try reader.uids(member, "accepted", countMax: limits.friendsPerUser)
            }
        } finish: { _ throws(APIFailure) in
            var seen: Set<UserID> = []
            let uids = (friends ?? accepted ?? []).filter { seen.insert($0).inserted }
            guard !uids.isEmpty else { throw APIFailure(.badRequest, "friends is required") }
            return FriendsBody(friends: uids)
        }
    }
}
