internal import ChatModel
internal import GatewayCore
internal import TLSEngine
internal import WireProtocol

/// On whose authority a request comes, as far as its headers tell (protocol.md §2, §8).
enum RequestIdentity: Sendable {
    /// The token may still be unknown: the core or the store says so.
    case token(TokenHash)
    case authKey
    case backend(onBehalfOf: UserID?)
    /// No credential at all.
    case none

    /// Who a command comes from.
    func caller() throws(APIFailure) -> Caller {
        switch self {
        case .token(let hash): .token(hash)
        case .authKey: .authKey
        case .backend(let uid): .backend(onBehalfOf: uid)
        case .none: throw APIFailure(.emptyAuthToken, "the header authToken is missing")
        }
    }

    /// Reads the headers of a request to `app`.
    ///
    /// - Throws: a wrong key is refused even where none is needed.
    static func read(
        _ head: RequestHead, app: AppEntry, trust: BackendTrust
    ) throws(APIFailure) -> RequestIdentity {
        if let key = head.header("apikey"), !key.isEmpty {
            guard let scope = app.scope(ofKey: key) else {
                throw APIFailure(.apiKeyNotFound, "the header apiKey holds no key of this app")
            }
            return try identity(of: scope, head, trust)
        }
        if let token = head.header("authtoken"), !token.isEmpty { return .token(TokenHash(Digest.sha256(token))) }
        if head.listener == .backend {
            guard trust.trusts(head.peer) else { throw APIFailure(.emptyAPIKey, "the header apikey is missing") }
            return .backend(onBehalfOf: try onBehalfOf(head))
        }
        return .none
    }

    private static func identity(
        of scope: AppEntry.KeyScope, _ head: RequestHead, _ trust: BackendTrust
    ) throws(APIFailure) -> RequestIdentity {
        switch scope {
        case .authOnly: return .authKey
        case .fullAccess:
            guard head.listener == .backend || trust.allowsKeysInPublic else {
                throw APIFailure(.noAccess, "a fullAccess key is refused on the public listener")
            }
            return .backend(onBehalfOf: try onBehalfOf(head))
        }
    }

    private static func onBehalfOf(_ head: RequestHead) throws(APIFailure) -> UserID? {
        guard let text = head.header("onbehalfof"), !text.isEmpty else { return nil }
        guard let uid = UserID(text) else { throw APIFailure(.badRequest, "the header onBehalfOf is no valid uid") }
        return uid
    }
}
