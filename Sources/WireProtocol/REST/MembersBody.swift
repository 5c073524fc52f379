public import ChatModel
internal import JSONCodec

/// The body of `PUT groups/{guid}/members`, and `members` of a new group. Value.
public struct MembersBody: Sendable, Equatable {
    public var admins: [UserID] = []
    public var moderators: [UserID] = []
    public var participants: [UserID] = []
    public var usersToBan: [UserID] = []

    public init() {}

    /// Who is to be added, admins first; a uid that is named twice stands here once, with its highest scope.
    public var drafts: [MemberDraft] {
        var seen: Set<UserID> = []
        var drafts: [MemberDraft] = []
        for (uids, scope) in [(admins, MemberScope.admin), (moderators, .moderator), (participants, .participant)] {
            for uid in uids where seen.insert(uid).inserted { drafts.append(MemberDraft(uid: uid, scope: scope)) }
        }
        return drafts
    }

    /// Who is to be banned, each once.
    public var bans: [UserID] {
        var seen: Set<UserID> = []
        return usersToBan.filter { seen.insert($0).inserted }
    }

    public var isEmpty: Bool { count == 0 }

    /// At least one uid in all.
    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> MembersBody {
        var decoded = MembersBody()
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            try decoded.take(key, member, &reader, "", limits)
        } finish: { _ throws(APIFailure) in
            guard decoded.count > 0 else {
                throw APIFailure(.badRequest, "admins, moderators, participants or usersToBan is required")
            }
            return decoded
        }
    }

    /// `members` of a new group: an object like the body.
    static func decode(
        _ field: Field, _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) -> MembersBody {
        var decoded = MembersBody()
        if field.kind == .null { return decoded }
        guard field.kind == .object else { throw APIFailure(.badRequest, "members must be an object") }
        try reader.eachMember(of: field) { (reader, key, member) throws(APIFailure) in
            try decoded.take(key, member, &reader, path, limits)
        }
        return decoded
    }

    private var count: Int { admins.count + moderators.count + participants.count + usersToBan.count }

    private mutating func take(
        _ key: JSONText, _ member: Field, _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) {
        func uids(_ name: StaticString, _ reader: inout JSONReader) throws(APIFailure) -> [UserID] {
            try reader.uids(member, FieldName(path, name), countMax: limits.membersPerAdd) ?? []
        }
        switch reader.decode(key) {
        case "admins": admins = try uids("admins", &reader)
        case "moderators": moderators = try uids("moderators", &reader)
        case "participants": participants = try uids("participants", &reader)
        case "usersToBan": usersToBan = try uids("usersToBan", &reader)
        default: return
        }
        guard !Limits.exceeds(count, limits.membersPerAdd) else {
            throw APIFailure(.badRequest, "more than \(limits.membersPerAdd) members in one call")
        }
    }
}
