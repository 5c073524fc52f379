public import ChatModel
internal import JSONCodec

/// The bodies that change how one user stands to a group. Values.
public enum MembershipBody {
    /// Of `PUT groups/{guid}/members/{uid}`: `{scope}`.
    public static func decodeScope(_ body: [UInt8]) throws(APIFailure) -> MemberScope {
        var scope: MemberScope?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "scope") { scope = try reader.word(member, "scope") }
        } finish: { _ throws(APIFailure) in
            guard let scope else { throw APIFailure(.badRequest, "scope is required") }
            return scope
        }
    }

    /// Of `PATCH groups/{guid}/owner`: `{owner}`.
    public static func decodeOwner(_ body: [UInt8]) throws(APIFailure) -> UserID {
        var owner: UserID?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "owner") { owner = try reader.uid(member, "owner") }
        } finish: { _ throws(APIFailure) in
            guard let owner else { throw APIFailure(.badRequest, "owner is required") }
            return owner
        }
    }
}
