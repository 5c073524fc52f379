import ChatModel
import WireProtocol

/// Refusals that many rules share.
extension APIFailure {
    static let overloaded = APIFailure(.unavailable, "The gateway is overloaded.", retryAfterMs: 1_000)
    static let unavailable = APIFailure(.unavailable, "The store is not available.", retryAfterMs: 1_000)
    static let voidCredential = APIFailure(.authTokenNotFound, "The auth token is unknown or was deleted.")
    static let noAccess = APIFailure(.noAccess, "This caller may not do that.")
    static let deactivated = APIFailure(.noAccess, "The user is deactivated.")

    /// A private group does not exist for those who are no members (protocol.md §6.1, §9).
    static func notAMember(of group: GroupRecord) -> APIFailure {
        group.type == .secret
            ? unknown(group: group.guid) : APIFailure(.notAMember, "The user is not a member of the group.")
    }

    static let bannedMember = APIFailure(.bannedGroupMember, "The user is banned from the group.")
    static let wrongPassword = APIFailure(.wrongGroupPass, "That is not the group's password.")

    static func unknown(user uid: UserID) -> APIFailure {
        APIFailure(.uidNotFound, "There is no user \(uid.text).")
    }

    static func unknown(group guid: GroupID) -> APIFailure {
        APIFailure(.guidNotFound, "There is no group \(guid.text).")
    }

    static func unknown(message id: Int64) -> APIFailure {
        APIFailure(.messageIDNotFound, "There is no message \(id).")
    }

    static func deleted(message id: Int64) -> APIFailure {
        APIFailure(.messageIDNotFound, "The message \(id) was deleted.")
    }

    static func limit(_ name: String, _ value: Int) -> APIFailure {
        APIFailure(.badRequest, "The limit \(name) of \(value) is reached.")
    }
}
