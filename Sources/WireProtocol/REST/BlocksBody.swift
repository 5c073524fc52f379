public import ChatModel
internal import JSONCodec

/// The body of `POST` and `DELETE blockedusers`: `blockedUids`. Value.
public struct BlocksBody: Sendable, Equatable {
    /// Never empty, each uid once.
    public var uids: [UserID]

    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> BlocksBody {
        var named: [UserID]?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "blockedUids") {
                named = try reader.uids(member, "blockedUids", countMax: limits.blockedPerUser)
            }
        } finish: { _ throws(APIFailure) in
            var seen: Set<UserID> = []
            let uids = (named ?? []).filter { seen.insert($0).inserted }
            guard !uids.isEmpty else { throw APIFailure(.badRequest, "blockedUids is required") }
            return BlocksBody(uids: uids)
        }
    }
}
