internal import ChatModel
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// What became of those named in an add: a map per list of the body, each uid of that list in it. Value.
struct AddResults {
    private let body: MembersBody
    /// How adding each uid ended, with the scope it was added with.
    private var added: [UserID: (scope: MemberScope, failure: APIFailure?)] = [:]
    private var banned: [UserID: APIFailure?] = [:]

    init(_ body: MembersBody, _ outcome: ReplyBody.AddOutcome) {
        self.body = body
        for (draft, failure) in outcome.added { added[draft.uid] = (draft.scope, failure) }
        for (uid, failure) in outcome.banned { banned.updateValue(failure, forKey: uid) }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        let lists: [(StaticString, MemberScope, [UserID])] = [
            ("admins", .admin, body.admins), ("moderators", .moderator, body.moderators),
            ("participants", .participant, body.participants),
        ]
        for (name, scope, uids) in lists {
            writer.key(name)
            writer.beginObject()
            for uid in Self.once(uids) { writer.member(of: uid, failure(of: uid, scope)) }
            writer.endObject()
        }
        writer.key("usersToBan")
        writer.beginObject()
        for uid in body.bans { writer.member(of: uid, banned[uid] ?? Self.nothingDone) }
        writer.endObject()
        writer.endObject()
    }

    /// Who stands in several lists was added by the highest one.
    private func failure(of uid: UserID, _ scope: MemberScope) -> APIFailure? {
        guard let outcome = added[uid] else { return Self.nothingDone }
        guard outcome.failure == nil, outcome.scope != scope else { return outcome.failure }
        return APIFailure(.alreadyJoined, "the user was added as \(outcome.scope.rawValue)")
    }

    private static let nothingDone = APIFailure(.missionFailed, "nothing was done for this user")

    private static func once(_ uids: [UserID]) -> [UserID] {
        var seen: Set<UserID> = []
        return uids.filter { seen.insert($0).inserted }
    }
}
